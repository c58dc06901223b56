"""What goes in by either door is what the contracts ask for, and a refusal is never passed over."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from werkzeug.datastructures import Headers

from cli.core.errors import CommandError
from cli.demo.cloud import Cloud
from cli.demo.sample_orders import Order, chance, made_up_orders
from cli.demo.submit import Doors, checkout_entry
from functions.contracts.storefront import CheckoutCompleted
from functions.shared.contracts import codec
from infrastructure.names import Names
from pocketcloud.apigateway.http_message import Reply

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def some_orders(number: int = 3) -> list[Order]:
    return made_up_orders(number, chance(0))


@dataclass
class Gate:
    """A cloud that answers as the test says and remembers what it was asked."""

    status: int = 202
    entry_result: dict[str, str] = field(default_factory=lambda: {"EventId": "1"})
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def clock(self) -> "Gate":
        return self

    def now(self) -> datetime:
        return NOON

    def http(self, method: str, path: str, **parts: object) -> Reply:
        self.asked.append({"method": method, "path": path, **parts})
        return Reply(self.status, Headers(), b"{}")

    def put_events(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked.extend(entries)
        good: list[dict[str, str]] = [{"EventId": "0"} for _ in entries[1:]]
        return {"FailedEntryCount": 0, "Entries": [*good, self.entry_result]}


def doors(gate: Gate) -> Doors:
    return Doors(cast("Cloud", gate), Names("dev"), chance(0))


def test_a_customer_posts_the_order_with_its_key_and_their_name() -> None:
    gate, (order, *_) = Gate(), some_orders()
    doors(gate).place(order)
    assert gate.asked == [
        {
            "method": "POST",
            "path": "/orders",
            "json": order.request(),
            "headers": {"Idempotency-Key": order.key},
            "customer": order.customer,
        }
    ]


def test_a_checkout_is_what_the_contract_of_checkout_completed_reads() -> None:
    order = some_orders()[0]
    entry = checkout_entry(order, bus="bus", now=NOON, random=chance(0))
    event = codec.read(entry["Detail"])
    assert isinstance(event.fact, CheckoutCompleted)
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == (
        "bus",
        "storefront",
        "CheckoutCompleted",
    )
    assert (event.subject, event.fact.customer.id, event.time) == (order.key, order.customer, NOON)


def test_checkouts_go_together_to_the_ingress_bus() -> None:
    gate, orders = Gate(), some_orders()
    doors(gate).check_out(orders)
    assert [json.loads(entry["Detail"])["subject"] for entry in gate.asked] == [order.key for order in orders]
    assert {entry["EventBusName"] for entry in gate.asked} == {"orderbus-dev-ingress-bus"}


def test_a_refusal_of_the_http_api_ends_the_run() -> None:
    with pytest.raises(CommandError, match="demo-1 was refused at the HTTP API: 503"):
        doors(Gate(status=503)).place(some_orders()[0])


def test_one_failed_entry_of_several_ends_the_run() -> None:
    gate = Gate(entry_result={"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
    with pytest.raises(CommandError, match="demo-3 was refused at the ingress bus: ThrottlingException slow"):
        doors(gate).check_out(some_orders())
