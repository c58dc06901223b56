"""`orderbus dlq` looks without taking, and says what it did not see."""

import json
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letters import a_parked_order, command, groups, send
from tests.workflow.shop import PREFIX, Shop, an_order


@pytest.mark.parametrize("width", [None, 40])
def test_a_table_shortens_none_of_the_words_that_are_typed_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, width: int | None
) -> None:
    a_parked_order(shop)
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


def test_looking_leaves_every_letter_visible_at_once(shop: Shop) -> None:
    for number in range(23):
        send(shop, "views-dlq", f"letter {number}")
    assert len(groups("--limit", "12")[0]["messages"]) == 12
    assert "more of views" in command("ls", "--limit", "12")[1]
    assert len(groups()[0]["messages"]) == 23
    assert len(shop.dead_letters("views")) == 23


def test_letters_in_somebody_s_hands_are_counted_wherever_they_are_looked_for(shop: Shop) -> None:
    order_id = shop.place(an_order())
    for number in range(3):
        send(shop, "views-dlq", f"letter {number}")
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
    assert "not looked at: 3 dead letters of views" in err
    (views,) = [hop for hop in status() if hop["name"] == f"{PREFIX}-views"]
    assert (views["dead_letters"], views["state"]) == (3, "late")
    shop.cloud.advance(minutes=6)
    assert groups()[0]["count"] == 3


def status() -> list[dict[str, Any]]:
    hops: list[dict[str, Any]] = json.loads(orderbus("status", "--json")[1])["hops"]
    return hops


def test_of_letters_of_which_none_is_meant_that_is_said(shop: Shop) -> None:
    for number in range(3):
        send(shop, "views-dlq", f"letter {number}")
    assert "None of 3 dead-lettered messages matches." in command("ls", "--reason", "nonsense")[1]
    assert (
        "None of 3 dead-lettered messages matches: there is nothing"
        in command("redrive", "--reason", "nonsense")[1]
    )


def test_a_letter_that_was_not_among_those_looked_at_may_be_among_the_others(shop: Shop) -> None:
    for number in range(3):
        send(shop, "views-dlq", f"letter {number}")
    code, _, err = command("show", "ffffffff", "--limit", "2")
    assert code == ExitCode.USAGE
    assert "There may be more of views: --limit sets how many are read" in err
    assert "--limit" not in command("show", "ffffffff")[2]


def test_letters_are_selected_by_what_they_are_and_by_their_age(shop: Shop) -> None:
    order_id = a_parked_order(shop)
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


def test_a_fact_of_which_nobody_has_heard_is_a_slip(shop: Shop) -> None:
    a_parked_order(shop)
    code, out, err = command("ls", "--fact", "InventoryReservd")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "There is no fact InventoryReservd." in err
    assert "InventoryReserved" in err
