"""`OrderSender` follows the contracts, and reports every rejection."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from werkzeug.datastructures import Headers

from cli.core.errors import CommandError
from cli.demo.sample_orders import SampleOrder, sample_orders, seeded_random
from cli.demo.submit import OrderSender, checkout_entry
from functions.contracts.storefront import CheckoutCompleted
from functions.shared.contracts import codec
from infrastructure.names import Names
from pocketcloud.apigateway.http_message import Reply
from pocketcloud.cloud import OfflineCloud

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def some_orders(number: int = 3) -> list[SampleOrder]:
    return sample_orders(number, seeded_random(0))


@dataclass
class FakeCloud:
    """A cloud with given responses that keeps the requests."""

    status: int = 202
    entry_result: dict[str, str] = field(default_factory=lambda: {"EventId": "1"})
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def clock(self) -> "FakeCloud":
        return self

    def now(self) -> datetime:
        return NOON

    def http(self, method: str, path: str, **parts: object) -> Reply:
        self.requests.append({"method": method, "path": path, **parts})
        return Reply(self.status, Headers(), b"{}")

    def put_events(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.requests.extend(entries)
        good: list[dict[str, str]] = [{"EventId": "0"} for _ in entries[1:]]
        return {"FailedEntryCount": 0, "Entries": [*good, self.entry_result]}


def sender(cloud: FakeCloud) -> OrderSender:
    return OrderSender(cast("OfflineCloud", cloud), Names("dev"), seeded_random(0))


def test_place_posts_the_order_with_its_key_and_customer() -> None:
    cloud, (order, *_) = FakeCloud(), some_orders()
    sender(cloud).place(order)
    assert cloud.requests == [
        {
            "method": "POST",
            "path": "/orders",
            "json": order.request(),
            "headers": {"Idempotency-Key": order.key},
            "customer": order.customer,
        }
    ]


def test_checkout_entry_fulfils_the_contract() -> None:
    order = some_orders()[0]
    entry = checkout_entry(order, bus="bus", now=NOON, random=seeded_random(0))
    event = codec.read(entry["Detail"])
    assert isinstance(event.fact, CheckoutCompleted)
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == (
        "bus",
        "storefront",
        "CheckoutCompleted",
    )
    assert (event.subject, event.fact.customer_id, event.time) == (order.key, order.customer, NOON)


def test_check_out_sends_one_batch_to_the_ingress_bus() -> None:
    cloud, orders = FakeCloud(), some_orders()
    sender(cloud).check_out(orders)
    assert [json.loads(entry["Detail"])["subject"] for entry in cloud.requests] == [
        order.key for order in orders
    ]
    assert {entry["EventBusName"] for entry in cloud.requests} == {"orderbus-dev-ingress-bus"}


def test_place_raises_when_the_api_rejects_the_order() -> None:
    with pytest.raises(CommandError, match="demo-1 was rejected by the HTTP API: 503"):
        sender(FakeCloud(status=503)).place(some_orders()[0])


def test_check_out_raises_when_one_entry_fails() -> None:
    cloud = FakeCloud(entry_result={"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
    with pytest.raises(
        CommandError, match="demo-3 was rejected by the ingress bus: ThrottlingException slow"
    ):
        sender(cloud).check_out(some_orders())
