"""`orderbus events tail`: facts as they come, and of nobody's person unless asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.judge import SHIPPED
from tests.workflow.replays import log_of, one_order_per_outcome
from tests.workflow.shop import PREFIX, Shop, an_order, delivery_entry

CANARY = "canary.7f3a@example.com"
UNKNOWN = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """What happens between the first look and the second; at the fourth somebody types Ctrl-C."""

    def arrange(act: Callable[[], object]) -> None:
        looks = 0

        def sleep(seconds: float) -> None:
            nonlocal looks
            looks += 1
            if looks == 1:
                act()
            if looks == 4:
                raise KeyboardInterrupt
            shop.cloud.advance(seconds=seconds)

        monkeypatch.setattr("cli.events.commands.sleep", sleep)

    return arrange


def heard(*arguments: str) -> list[dict[str, str]]:
    code, out, err = orderbus("events", "tail", "--json", *arguments)
    assert code == ExitCode.OK, err
    return [json.loads(line) for line in out.splitlines()]


def test_every_fact_is_shown_once_as_it_comes(shop: Shop, meanwhile: Meanwhile) -> None:
    first = shop.place(an_order(), key="k1")
    shop.cloud.settle()
    meanwhile(lambda: shop.place(an_order(), key="k2"))
    shown = heard()
    assert [line["fact"] for line in shown if line["subject"] == first] == SHIPPED
    assert [line["id"] for line in shown] == [event["id"] for event in log_of(shop)]
    assert len(shown) == 10


@pytest.mark.usefixtures("logged_rarely")
def test_an_order_s_facts_come_from_the_log_however_few_are_logged(shop: Shop, meanwhile: Meanwhile) -> None:
    order = shop.place(an_order(), key="k1")
    meanwhile(shop.cloud.settle)
    assert [line["fact"] for line in heard("--order", order)] == SHIPPED
    assert {line["subject"] for line in heard("--order", order, "--no-follow")} == {order}


@pytest.fixture
def logged_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage is as production is, and what it logs is not there."""
    original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "FilterLogEvents":
            return {"events": []}
        answer = original(client, operation, parameters)
        if operation == "GetFunctionConfiguration":
            answer["Environment"]["Variables"]["SUCCESS_LOG_RATE"] = "0.05"
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.mark.usefixtures("logged_rarely")
def test_a_stage_that_logs_a_share_says_so(shop: Shop) -> None:
    shop.place(an_order())
    code, out, err = orderbus("events", "tail", "--no-follow")
    assert (code, out) == (ExitCode.OK, "")
    assert "The facts of 5% of all traces" in err


def test_some_facts_and_why_they_came_to_that(shop: Shop) -> None:
    one_order_per_outcome(shop)
    shown = heard("--no-follow", "--fact", "OrderCancelled", "--fact", "PaymentDeclined", "--since", "1d")
    assert {line["fact"] for line in shown} == {"OrderCancelled", "PaymentDeclined"}
    assert {"customer_request", "payment_declined", "out_of_stock"} <= {line["reason"] for line in shown}
    shop.cloud.advance(hours=1)
    assert heard("--no-follow") == []
    code, out, _ = orderbus("events", "tail", "--no-follow", "--since", "2h", "--fact", "PaymentDeclined")
    assert code == ExitCode.OK
    assert "PaymentDeclined" in out


def test_what_is_about_no_order_is_shown_by_its_id(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=3)])
    shop.cloud.settle()
    (added,) = heard("--no-follow")
    assert (added["fact"], added["owner"], added["subject"]) == ("StockAdded", "inventory", "-")
    assert added["id"] == log_of(shop)[0]["id"]


def test_what_cannot_be_read_is_named_once_and_the_rest_is_told(shop: Shop, meanwhile: Meanwhile) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    shipment = next(row for row in shop.rows("event-log") if row["pk"] == f"shipping#{order}")
    payment = next(row for row in shop.rows("event-log") if row["pk"] == f"payments#{order}")
    unreasonable = json.dumps(json.loads(payment["event"]) | {"data": {"reason": 7}})
    database = shop.cloud.client("dynamodb")
    for row, event in ((shipment, {}), (payment, {"event": {"S": unreasonable}})):
        key = {name: {"S": row[name]} for name in ("pk", "sk")}
        database.put_item(TableName=f"{PREFIX}-event-log", Item={**key, **event})
    said = {f"cannot be read: {row['pk']} {row['sk']}" for row in (shipment, payment)}
    code, out, err = orderbus("events", "tail", "--order", order, "--no-follow", "--json")
    assert code == ExitCode.INCOMPLETE
    assert [json.loads(line)["fact"] for line in out.splitlines()] == [SHIPPED[0], SHIPPED[1], SHIPPED[3]]
    assert set(err.splitlines()) == said
    meanwhile(lambda: None)
    code, _, err = orderbus("events", "tail", "--order", order)
    assert code == ExitCode.OK
    assert sorted(err.splitlines()) == sorted(said)


def test_nothing_personal_is_shown_unless_it_is_asked_for(shop: Shop) -> None:
    shop.place(an_order(email=CANARY))
    shop.cloud.settle()
    for arguments in ((), ("--json",)):
        assert CANARY not in orderbus("events", "tail", "--no-follow", *arguments)[1]
        assert CANARY in orderbus("events", "tail", "--no-follow", "--data", *arguments)[1]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("--fact OrderWished", ExitCode.USAGE, "There is no fact OrderWished."),
        ("--order 7", ExitCode.USAGE, "7 is not an order id."),
        (f"--order {UNKNOWN}", ExitCode.UNKNOWN_ORDER, f"This stage has no order {UNKNOWN}."),
        ("--since yesterday", ExitCode.USAGE, "yesterday is not a time."),
        ("--since 0001-01-01T00:00+14:00", ExitCode.USAGE, "is no time."),
        ("--stage nowhere", ExitCode.AWS_REFUSED, "ResourceNotFoundException"),
    ],
)
def test_replay_prints_one_error_and_a_hint_when_misused(
    shop: Shop, line: str, code: ExitCode, sentence: str
) -> None:
    said, out, err = orderbus("events", "tail", *line.split())
    assert shop.rows("event-log") == []
    assert (said, out) == (code, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 2


def test_before_1970_nothing_was_logged_and_everything_is_asked_for(shop: Shop, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: None)
    code, out, _ = orderbus("events", "tail", "--since", "1815-12-10", "--json")
    assert (code, out) == (ExitCode.OK, "")
    assert shop.rows("event-log") == []
