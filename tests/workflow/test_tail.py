"""`orderbus events tail`: facts as they arrive, without personal data unless requested."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import SHIPPED
from tests.workflow.replays import log_of, one_order_per_outcome
from tests.workflow.shop import PREFIX, Shop, an_order, delivery_entry

CANARY = "canary.7f3a@example.com"
UNKNOWN = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Run an action between the first two polls; interrupt at the fourth, like Ctrl-C."""

    def arrange(act: Callable[[], object]) -> None:
        polls = 0

        def sleep(seconds: float) -> None:
            nonlocal polls
            polls += 1
            if polls == 1:
                act()
            if polls == 4:
                raise KeyboardInterrupt
            shop.cloud.advance(seconds=seconds)

        monkeypatch.setattr("cli.events.commands.sleep", sleep)

    return arrange


def tail(*arguments: str) -> list[dict[str, str]]:
    code, out, err = orderbus("events", "tail", "--json", *arguments)
    assert code == ExitCode.OK, err
    return [json.loads(line) for line in out.splitlines()]


def test_tail_shows_every_fact_once(shop: Shop, meanwhile: Meanwhile) -> None:
    first = shop.place(an_order(), key="k1")
    shop.cloud.settle()
    meanwhile(lambda: shop.place(an_order(), key="k2"))
    shown = tail()
    assert [line["fact"] for line in shown if line["subject"] == first] == SHIPPED
    assert [line["id"] for line in shown] == [event["id"] for event in log_of(shop)]
    assert len(shown) == 10


@pytest.mark.usefixtures("logged_rarely")
def test_order_tail_is_complete_when_few_traces_are_logged(shop: Shop, meanwhile: Meanwhile) -> None:
    order = shop.place(an_order(), key="k1")
    meanwhile(shop.cloud.settle)
    assert [line["fact"] for line in tail("--order", order)] == SHIPPED
    assert {line["subject"] for line in tail("--order", order, "--no-follow")} == {order}


@pytest.fixture
def logged_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log a share of traces like production, and return no log line."""
    original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "FilterLogEvents":
            return {"events": []}
        response = original(client, operation, parameters)
        if operation == "GetFunctionConfiguration":
            response["Environment"]["Variables"]["SUCCESS_LOG_RATE"] = "0.05"
        return response

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.mark.usefixtures("logged_rarely")
def test_tail_prints_the_share_of_logged_traces(shop: Shop) -> None:
    shop.place(an_order())
    code, out, err = orderbus("events", "tail", "--no-follow")
    assert (code, out) == (ExitCode.OK, "")
    assert "This stage logs 5% of all orders" in err


def test_tail_filters_by_fact_and_shows_the_reason(shop: Shop) -> None:
    one_order_per_outcome(shop)
    shown = tail("--no-follow", "--fact", "OrderCancelled", "--fact", "PaymentDeclined", "--since", "1d")
    assert {line["fact"] for line in shown} == {"OrderCancelled", "PaymentDeclined"}
    assert {"customer_request", "payment_declined", "out_of_stock"} <= {line["reason"] for line in shown}
    shop.cloud.advance(hours=1)
    assert tail("--no-follow") == []
    code, out, _ = orderbus("events", "tail", "--no-follow", "--since", "2h", "--fact", "PaymentDeclined")
    assert code == ExitCode.OK
    assert "PaymentDeclined" in out


def test_tail_shows_the_id_of_facts_without_order(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=3)])
    shop.cloud.settle()
    (added,) = tail("--no-follow")
    assert (added["fact"], added["owner"], added["subject"]) == ("StockAdded", "inventory", "-")
    assert added["id"] == log_of(shop)[0]["id"]


def test_tail_prints_an_unreadable_row_once(shop: Shop, meanwhile: Meanwhile) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    shipment = next(row for row in shop.rows("event-log") if row["pk"] == f"shipping#{order}")
    payment = next(row for row in shop.rows("event-log") if row["pk"] == f"payments#{order}")
    unreasonable = json.dumps(json.loads(payment["event"]) | {"data": {"reason": 7}})
    database = shop.cloud.client("dynamodb")
    for row, event in ((shipment, {}), (payment, {"event": {"S": unreasonable}})):
        key = {name: {"S": row[name]} for name in ("pk", "sk")}
        database.put_item(TableName=f"{PREFIX}-event-log", Item={**key, **event})
    expected = {f"cannot be read: {row['pk']} {row['sk']}" for row in (shipment, payment)}
    code, out, err = orderbus("events", "tail", "--order", order, "--no-follow", "--json")
    assert code == ExitCode.INCOMPLETE
    assert [json.loads(line)["fact"] for line in out.splitlines()] == [SHIPPED[0], SHIPPED[1], SHIPPED[3]]
    assert set(err.splitlines()) == expected
    meanwhile(lambda: None)
    code, _, err = orderbus("events", "tail", "--order", order)
    assert code == ExitCode.OK
    assert sorted(err.splitlines()) == sorted(expected)


def test_tail_shows_personal_data_only_with_data(shop: Shop) -> None:
    shop.place(an_order(email=CANARY))
    shop.cloud.settle()
    for arguments in ((), ("--json",)):
        assert CANARY not in orderbus("events", "tail", "--no-follow", *arguments)[1]
        assert CANARY in orderbus("events", "tail", "--no-follow", "--data", *arguments)[1]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("--fact OrderUnknown", ExitCode.USAGE, "There is no fact OrderUnknown."),
        ("--order 7", ExitCode.USAGE, "7 is not an order id."),
        (f"--order {UNKNOWN}", ExitCode.UNKNOWN_ORDER, f"This stage has no order {UNKNOWN}."),
        ("--since yesterday", ExitCode.USAGE, "yesterday is not a time."),
        ("--since 0001-01-01T00:00+14:00", ExitCode.USAGE, "is not a time."),
        ("--stage nowhere", ExitCode.AWS_REFUSED, "ResourceNotFoundException"),
    ],
)
def test_tail_prints_an_error_and_a_hint(shop: Shop, line: str, code: ExitCode, sentence: str) -> None:
    exit_code, out, err = orderbus("events", "tail", *line.split())
    assert shop.rows("event-log") == []
    assert (exit_code, out) == (code, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 2


def test_tail_accepts_a_time_before_1970(shop: Shop, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: None)
    code, out, _ = orderbus("events", "tail", "--since", "1815-12-10", "--json")
    assert (code, out) == (ExitCode.OK, "")
    assert shop.rows("event-log") == []
