"""`orderbus dlq` reads messages without removing them, and reports what it did not read."""

import json
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import a_failed_order, command, groups, send
from tests.workflow.shop import PREFIX, Shop, an_order


@pytest.mark.parametrize("width", [None, 40])
def test_table_shortens_no_word_at_any_width(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, width: int | None
) -> None:
    a_failed_order(shop)
    send(shop, "inventory-levels-dlq", "what is this?")
    if width is not None:
        monkeypatch.setenv("COLUMNS", str(width))
    for line in (("ls",), ("redrive",)):
        out = command(*line)[1]
        assert "…" not in out
        if width is None:
            for group in groups():
                row = next(row for row in out.splitlines() if group["consumer"] in row)
                assert group["reason"] in row
                assert group["messages"][0][:8] in row


def test_dlq_ls_leaves_every_message_visible(shop: Shop) -> None:
    for number in range(23):
        send(shop, "views-dlq", f"message {number}")
    assert len(groups("--limit", "12")[0]["messages"]) == 12
    assert "more of views" in command("ls", "--limit", "12")[1]
    assert len(groups()[0]["messages"]) == 23
    assert len(shop.dead_letters("views")) == 23


def test_every_command_counts_messages_in_flight(shop: Shop) -> None:
    order_id = shop.place(an_order())
    for number in range(3):
        send(shop, "views-dlq", f"message {number}")
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-views-dlq")["QueueUrl"]
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2, VisibilityTimeout=300)
    held = "2 of views are in flight for up to five minutes"
    code, out, _ = command("ls")
    assert (code, held in out) == (ExitCode.INCOMPLETE, True)
    code, out, _ = command("ls", "--json")
    assert code == ExitCode.INCOMPLETE
    assert (json.loads(out)["in_flight"], json.loads(out)["looked_at"]) == ({"views": 2}, 1)
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=300)
    code, out, _ = command("ls")
    assert (code, "3 of views" in out, "No dead-lettered messages" in out) == (
        ExitCode.INCOMPLETE,
        True,
        False,
    )
    code, out, _ = command("redrive", "--yes")
    assert (code, "3 of views" in out) == (ExitCode.INCOMPLETE, True)
    code, _, err = command("show", "ffffffff")
    assert (code, "3 of views" in err) == (ExitCode.USAGE, True)
    _, _, err = orderbus("trace", order_id, "--dead-letters")
    assert "in flight, not searched: 3 dead-lettered messages of views" in err
    (views,) = [hop for hop in status() if hop["name"] == f"{PREFIX}-views"]
    assert (views["dead_letters"], views["state"]) == (3, "late")
    shop.cloud.advance(minutes=6)
    assert groups()[0]["count"] == 3


def status() -> list[dict[str, Any]]:
    hops: list[dict[str, Any]] = json.loads(orderbus("status", "--json")[1])["hops"]
    return hops


def test_dlq_ls_reports_when_no_message_matches(shop: Shop) -> None:
    for number in range(3):
        send(shop, "views-dlq", f"message {number}")
    assert "None of 3 dead-lettered messages matches." in command("ls", "--reason", "nonsense")[1]
    assert (
        "None of 3 dead-lettered messages matches: there is nothing"
        in command("redrive", "--reason", "nonsense")[1]
    )


def test_dlq_show_mentions_the_limit_when_it_was_reached(shop: Shop) -> None:
    for number in range(3):
        send(shop, "views-dlq", f"message {number}")
    code, _, err = command("show", "ffffffff", "--limit", "2")
    assert code == ExitCode.USAGE
    assert "There may be more of views: --limit sets how many are read" in err
    assert "--limit" not in command("show", "ffffffff")[2]


def test_dlq_ls_selects_messages_by_content_and_age(shop: Shop) -> None:
    order_id = a_failed_order(shop)
    send(shop, "views", "this is not JSON")
    shop.cloud.settle()
    shop.cloud.advance(minutes=90)
    send(shop, "orders", "nor is this")
    shop.cloud.settle()
    wanted = {
        ("--reason", "json_invalid"): {"views", "orders"},
        ("--fact", "InventoryReserved"): {"payments"},
        ("--order", order_id): {"payments"},
        ("--consumer", "views"): {"views"},
        ("--older-than", "1h"): {"payments", "views"},
        ("--older-than", "1h", "--reason", "json_invalid"): {"views"},
        ("--fact", "OrderCreated"): set(),
    }
    for arguments, consumers in wanted.items():
        assert {group["consumer"] for group in groups(*arguments)} == consumers, arguments


def test_dlq_ls_rejects_an_unknown_fact(shop: Shop) -> None:
    a_failed_order(shop)
    code, out, err = command("ls", "--fact", "InventoryReservd")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "There is no fact InventoryReservd." in err
    assert "InventoryReserved" in err
