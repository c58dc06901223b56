"""Tests of a bridge's way in: outside producers' events reach the ingress bus, and no others do."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.bridges.ingress import Incoming, admit
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.clients import events, sqs
from functions.shared.runtime.telemetry import telemetry_of
from tests.unit.functions.account import client, dead_lettered
from tests.unit.functions.aws_faults import amending, failing, recorded_calls
from tests.unit.functions.builders import SENT_MS, a_document, a_stock_replenished, an_order_created

BUS = "orderbus-dev-ingress-bus"
REPLENISHED = json.dumps(a_document(a_stock_replenished()))


@pytest.fixture(autouse=True)
def ingress(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the ingress bus, with the sources of `dev`."""
    client("events").create_event_bus(Name=BUS)
    monkeypatch.setenv("INGRESS_BUS", BUS)
    monkeypatch.setenv("INGRESS_SOURCES", '["storefront", "warehouse"]')


def incoming(*documents: str | Rejected) -> list[Incoming]:
    return [
        Incoming(
            identifier=f"orders-0:{number}",
            arrived_ms=SENT_MS,
            content=document if isinstance(document, str) else "{}",
            document=_reading(document),
        )
        for number, document in enumerate(documents)
    ]


def _reading(document: str | Rejected) -> Callable[[], str]:
    def read() -> str:
        if isinstance(document, Rejected):
            raise document
        return document

    return read


def admitted(*documents: str | Rejected) -> list[str]:
    return admit("under-test", incoming(*documents), telemetry_of("under-test"))


def test_events_are_put_on_the_ingress_bus_in_batches() -> None:
    with recorded_calls(events()) as calls:
        assert admitted(*[REPLENISHED] * 12) == []
    assert calls == ["PutEvents"] * 2
    assert dead_lettered() == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (a_document(an_order_created()), "source_unauthorised"),
        (a_document(a_stock_replenished(), source="elsewhere"), "source_unauthorised"),
        (a_document(a_stock_replenished(), source="storefront"), "source_unauthorised"),
        (a_document(a_stock_replenished(), type="StockEaten"), "fact_unknown"),
        (a_document(a_stock_replenished(), data={}), "data_invalid"),
        (a_document(a_stock_replenished(), id=None), "envelope_invalid"),
    ],
)
def test_event_that_may_not_pass_is_dead_lettered(document: dict[str, Any], reason: str) -> None:
    with recorded_calls(events()) as calls:
        assert admitted(json.dumps(document)) == []
    assert calls == []
    (message,) = dead_lettered()
    assert message.attributes["reason"] == reason
    assert message.attributes["message_id"] == "orders-0:0"


def test_poison_stops_none_of_the_others() -> None:
    with recorded_calls(events()) as calls:
        assert admitted(Rejected("not_a_cloudevent"), REPLENISHED, "{") == []
    assert calls == ["PutEvents"]
    reasons = [message.attributes["reason"] for message in dead_lettered()]
    assert sorted(reasons) == ["envelope_invalid", "not_a_cloudevent"]


def test_record_comes_again_while_the_bus_fails() -> None:
    def refuse_first(parsed: dict[str, Any]) -> None:
        parsed["Entries"][0] = {"ErrorCode": "ThrottlingException"}

    with amending(events(), "PutEvents", refuse_first):
        assert admitted(REPLENISHED, REPLENISHED) == ["orders-0:0"]
    with failing(events(), "PutEvents", "InternalException"):
        assert admitted(REPLENISHED, REPLENISHED) == ["orders-0:0", "orders-0:1"]
    with failing(sqs(), "SendMessage", "ServiceUnavailable"):
        assert admitted("{", REPLENISHED) == ["orders-0:0"]
