"""`orderbus dlq` changes only selected messages, keeps an audit trail, and may be killed at any time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from cli.core.exit_codes import ExitCode
from pocketcloud import Crash
from tests.workflow.call_faults import READS
from tests.workflow.dead_letter_queues import (
    a_bug,
    a_failed_order,
    assert_shipped_once,
    command,
    groups,
    present_violations,
    redriven,
    send,
)
from tests.workflow.invariants import SHIPPED
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry


def test_edit_is_accepted_when_its_consumer_accepts_the_result(shop: Shop) -> None:
    lines = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
    shop.cloud.put_events([checkout_entry(a_checkout(lines=lines))])
    shop.cloud.settle()
    (message,) = groups()[0]["messages"]
    for setting in (
        "/data/lines/0/quantity=-1",
        "/data/lines/7/quantity=1",
        "/source=payments",
        "quantity=1",
    ):
        code, _, err = command("edit", message, "--yes", "--set", setting)
        assert (code, "Nothing was changed." in err) == (ExitCode.USAGE, True), setting
    code, out, _ = command("edit", message, "--set", "/data/lines/0/quantity=2")
    assert (code, "Nothing was changed" in out) == (ExitCode.OK, True)
    shop.cloud.settle()
    assert shop.orders() == []
    assert command("edit", message, "--yes", "--set", "/data/lines/0/quantity=2")[0] == ExitCode.OK
    shop.cloud.settle()
    (order,) = shop.orders()
    assert_shipped_once(shop, order["order_id"])
    (entry,) = (row for row in shop.rows("audit") if row["entry"] == message)
    assert json.loads(entry["difference"]) == [
        {"pointer": "/data/lines/0/quantity", "before": '"2"', "after": "2"}
    ]
    assert entry["by"].startswith("arn:aws:")
    assert (entry["action"], entry["reason"], entry["to"]) == (
        "edit",
        "data_invalid",
        f"queue {PREFIX}-orders",
    )


def test_edit_is_rejected_when_its_event_is_too_old(shop: Shop) -> None:
    entry = checkout_entry(a_checkout())
    detail = {**json.loads(entry["Detail"]), "time": "2020-01-01T00:00:00Z"}
    shop.cloud.put_events([{**entry, "Detail": json.dumps(detail)}])
    shop.cloud.settle()
    (group,) = groups()
    (message,) = group["messages"]
    code, _, err = command("edit", message, "--yes", "--set", "/data/lines/0/quantity=2")
    assert (group["reason"], code) == ("time_in_past", ExitCode.USAGE)
    assert "time_in_past: its time is more than 90 days before its arrival" in err
    now = shop.cloud.clock.now().isoformat()
    assert command("edit", message, "--yes", "--set", f"/time={now}")[0] == ExitCode.OK
    shop.cloud.settle()
    (order,) = shop.orders()
    assert_shipped_once(shop, order["order_id"])


def test_purge_exports_messages_before_deletion(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gone.jsonl"
    for service in ("views", "fraud"):
        send(shop, service, f"no JSON for {service}")
    shop.cloud.settle()
    code, out, _ = command("purge", "--to", str(file))
    assert (code, "2 would be purged" in out, file.exists()) == (ExitCode.OK, True, False)
    assert command("purge", "--to", str(file), "--yes", "--consumer", "views")[0] == ExitCode.OK
    assert command("purge", "--to", str(file), "--yes")[0] == ExitCode.OK
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["body"] for each in kept] == ["no JSON for views", "no JSON for fraud"]
    assert kept[0]["attributes"]["reason"] == "json_invalid"
    assert file.stat().st_mode & 0o777 == 0o600
    assert groups() == []


def test_purge_deletes_nothing_when_its_file_is_not_writable(shop: Shop, tmp_path: Path) -> None:
    send(shop, "views-dlq", "what is this?")
    code, _, err = command("purge", "--yes", "--to", str(tmp_path / "nowhere" / "gone.jsonl"))
    assert (code, "cannot be written" in err) == (ExitCode.USAGE, True)
    assert [group["count"] for group in groups()] == [1]


def test_message_counts_redrives_when_it_fails_again(shop: Shop) -> None:
    order_id = a_failed_order(shop)
    for count in (1, 2):
        with a_bug(shop, "payments"):
            action = redriven()["action_id"]
            shop.cloud.settle()
        (group,) = groups()
        assert (group["redriven"], group["reason"]) == (count, "reaction_failed")
        assert json.loads(command("show", group["messages"][0], "--json")[1])["last_action"] == action
    redriven()
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)
    assert sum(row["entry"] == "beginning" for row in shop.rows("audit")) == 3


def test_dlq_log_shows_caller_action_message_and_time(shop: Shop, tmp_path: Path) -> None:
    assert "The audit trail is empty." in command("log")[1]
    order_id = a_failed_order(shop)
    report = redriven()
    action, (message,) = report["action_id"], report["done"]
    shop.cloud.advance(minutes=1)
    send(shop, "views-dlq", "what is this?")
    assert command("purge", "--yes", "--to", str(tmp_path / "gone.jsonl"))[0] == ExitCode.OK
    beginning, redriven_row, _, purged = trail()
    assert (beginning["type"], beginning["selected"], beginning["count"]) == ("beginning", "all", "1")
    assert (redriven_row["action_id"], redriven_row["action"], redriven_row["subject"]) == (
        action,
        "redrive",
        order_id,
    )
    assert (redriven_row["type"], redriven_row["message_id"]) == ("message", message)
    assert (purged["action"], purged["queue"]) == ("purge", f"{PREFIX}-views-dlq")
    assert all(entry["by"].startswith("arn:aws:") and entry["at"] for entry in (redriven_row, purged))
    assert trail("--order", order_id) == [redriven_row]
    assert trail("--action", action[:8]) == [beginning, redriven_row]
    assert f"queue {PREFIX}-payments" in command("log", "--action", action)[1]


def trail(*arguments: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(command("log", "--json", *arguments)[1])["entries"]
    return entries


class KilledProcess:
    """An operator's process that dies after its n-th call."""

    def __init__(self, nth: int) -> None:
        self.nth = nth
        self.made: list[str] = []
        self._depth = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        original = vars(BaseClient)["_make_api_call"]

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if self._depth:
                return original(client, operation, parameters)
            if self.nth and len(self.made) >= self.nth:
                raise Crash
            self._depth += 1
            try:
                response = original(client, operation, parameters)
            finally:
                self._depth -= 1
            self.made.append(operation)
            if len(self.made) == self.nth:
                raise Crash
            return response

        with patch.object(BaseClient, "_make_api_call", call), suppress(Crash):
            yield


def test_redrive_completes_when_killed_and_run_again(shop: Shop) -> None:
    a_failed_order(shop)
    completed = KilledProcess(0)
    with completed.running():
        redriven("--consumer", "payments")
    assert completed.made.index("SendMessage") < completed.made.index("DeleteMessageBatch")
    for nth in [nth for nth, call in enumerate(completed.made, 1) if not READS.match(call)]:
        shop.cloud.reset()
        shop.open()
        order_id = a_failed_order(shop)
        with KilledProcess(nth).running():
            redriven("--consumer", "payments")
        shop.cloud.settle()
        shop.cloud.advance(minutes=6)
        redriven("--consumer", "payments")
        shop.cloud.settle()
        assert_shipped_once(shop, order_id)


def interrupt_the_second() -> Callable[..., None]:
    """Return a function that raises KeyboardInterrupt at its second call."""
    calls = iter((False, True))

    def call(*_: object) -> None:
        if next(calls):
            raise KeyboardInterrupt

    return call


def test_redrive_reports_progress_and_resumes_when_interrupted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_bug(shop, "payments"):
        orders = [shop.place(an_order(), key=f"k{number}") for number in range(3)]
        shop.cloud.settle()
    with monkeypatch.context() as patched:
        patched.setattr("cli.dlq.commands._pause", lambda _: interrupt_the_second())
        code, out, err = command("redrive", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert err.startswith("2 of 3 redriven, then: it was interrupted.\n")
    assert "run the same command again" in err
    assert len(redriven()["done"]) == 1
    shop.cloud.settle()
    for order_id in orders:
        assert shop.facts(order_id) == SHIPPED
    assert present_violations(shop) == []


def test_purge_reports_progress_when_interrupted(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        send(shop, "views-dlq", f"message {number}")
    with monkeypatch.context() as patched:
        patched.setattr("cli.dlq.purge_file.os.fsync", interrupt_the_second())
        code, _, err = command("purge", "--yes", "--to", str(tmp_path / "gone.jsonl"))
    assert code == ExitCode.INCOMPLETE
    assert err.startswith("1 of 2 purged, then: it was interrupted.\n")
    assert [group["count"] for group in groups()] == [1]


def test_redrive_reports_progress_when_aws_rejects_a_request(shop: Shop) -> None:
    a_failed_order(shop)
    with patch("infrastructure.names.Names.queue", lambda *_: "nowhere"):
        code, _, err = command("redrive", "--yes")
    assert code == ExitCode.AWS_REFUSED
    assert err.startswith("0 of 1 redriven, then: An error occurred")


def test_redrive_does_nothing_without_an_audit_trail(shop: Shop) -> None:
    a_failed_order(shop)
    with patch("infrastructure.names.Names.audit", "nowhere"):
        code, _, err = command("redrive", "--yes")
    assert (code, "run the same command again" in err) == (ExitCode.AWS_REFUSED, True)
    shop.cloud.settle()
    assert [group["count"] for group in groups()] == [1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ls", "--consumer", "nobody"), ExitCode.USAGE, "nobody has no dead-letter queue."),
        (("ls", "--order", "7"), ExitCode.USAGE, "7 is not an order id."),
        (("log", "--order", "7"), ExitCode.USAGE, "7 is not an order id."),
        (("ls", "--older-than", "soon"), ExitCode.USAGE, "soon is not a duration."),
        (
            ("show", "ffffffff"),
            ExitCode.USAGE,
            "No dead-lettered messages have an id that begins with ffffffff.",
        ),
        (("ls", "--stage", "nowhere"), ExitCode.AWS_REFUSED, "GetQueueUrl"),
    ],
)
def test_dlq_prints_one_error_and_a_hint_when_misused(
    shop: Shop, arguments: tuple[str, ...], code: int, message: str
) -> None:
    assert shop.cloud.outputs
    exit_code, out, err = command(*arguments)
    assert (exit_code, out) == (code, "")
    assert message in err
    assert len(err.strip().splitlines()) == 2
