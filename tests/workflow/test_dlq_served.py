"""`orderbus dlq` over HTTP; the cloud is sixty times as fast as real time."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud.serving.server import serve
from tests.workflow.command_line import orderbus_at, orderbus_unread
from tests.workflow.dead_letter_queues import a_failed_order, assert_shipped_once, send
from tests.workflow.shop import PREFIX, Shop


def test_dlq_commands_work_over_http(shop: Shop, tmp_path: Path) -> None:
    order_id = a_failed_order(shop)
    send(shop, "views-dlq", "what is this?")
    with serve(shop.cloud, aws_port=0, http_port=0, speed=60) as served:

        def run(*arguments: str) -> dict[str, Any]:
            code, out, err = orderbus_at(served.aws_url, "dlq", *arguments, "--json")
            assert code == ExitCode.OK, err
            document: dict[str, Any] = json.loads(out)
            return document

        payments, views = run("ls")["groups"]
        assert (payments["consumer"], payments["reason"], views["consumer"]) == (
            "payments",
            "reaction_failed",
            "views",
        )
        shown = run("show", payments["messages"][0])
        assert (shown["order"], shown["attributes"]["error_class"]) == (order_id, "RuntimeError")
        assert run("redrive", "--order", order_id, "--yes")["done"] == payments["messages"]
        purged = run("purge", "--consumer", "views", "--to", str(tmp_path / "gone.jsonl"), "--yes")
        assert purged["done"] == views["messages"]
        rows = {(each["action"], each.get("queue"), each["by"]) for each in run("log")["entries"]}
        assert rows >= {
            ("redrive", f"{PREFIX}-payments-dlq", "offline"),
            ("purge", f"{PREFIX}-views-dlq", "offline"),
        }
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["tables", "JSON"])
def test_purge_completes_when_nobody_reads_its_output(
    shop: Shop, tmp_path: Path, form: tuple[str, ...]
) -> None:
    file = tmp_path / "gone.jsonl"
    send(shop, "views-dlq", "what is this?")
    with serve(shop.cloud, aws_port=0, http_port=0, speed=60) as served:
        where = ("--target", "offline", "--endpoint-url", served.aws_url)
        code, err = orderbus_unread("dlq", "purge", "--to", file, "--yes", *form, *where)
    assert (code, err) == (ExitCode.UNREAD, "")
    assert json.loads(file.read_text())["body"] == "what is this?"
    assert shop.dead_letters("views") == []
