"""Send orders to the HTTP API, and partners' checkouts to the ingress bus."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from typing import Any

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.sample_orders import SampleOrder
from infrastructure.names import Names
from infrastructure.topology import STOREFRONT, fact
from pocketcloud.cloud import OfflineCloud

MAX_ENTRIES = 10
"""The maximum of PutEvents."""

CHECKOUT = fact("CheckoutCompleted")


class OrderSender:
    """Sends orders, and raises CommandError if one is rejected."""

    def __init__(self, cloud: OfflineCloud, names: Names, random: Random) -> None:
        self._cloud = cloud
        self._bus = names.ingress_bus
        self._random = random

    def place(self, order: SampleOrder) -> None:
        """Send an order as a customer, with `POST /orders`."""
        reply = self._cloud.http(
            "POST",
            "/orders",
            json=order.request(),
            headers={"Idempotency-Key": order.key},
            customer=order.customer,
        )
        if reply.status != HTTPStatus.ACCEPTED:
            raise _rejected("the HTTP API", order.key, f"{reply.status} {reply.body}")

    def check_out(self, orders: Sequence[SampleOrder]) -> None:
        """Put up to ten `CheckoutCompleted` events on the ingress bus."""
        now = self._cloud.clock.now()
        entries = [checkout_entry(order, bus=self._bus, now=now, random=self._random) for order in orders]
        results = self._cloud.put_events(entries)
        for order, result in zip(orders, results["Entries"], strict=True):
            if "ErrorCode" in result:
                raise _rejected(
                    "the ingress bus", order.key, f"{result['ErrorCode']} {result['ErrorMessage']}"
                )


def checkout_entry(order: SampleOrder, *, bus: str, now: datetime, random: Random) -> dict[str, Any]:
    """Return the PutEvents entry of a partner's checkout."""
    return {
        "EventBusName": bus,
        "Source": STOREFRONT,
        "DetailType": CHECKOUT.name,
        "Detail": json.dumps(_cloud_event(order, now, random)),
    }


def _cloud_event(order: SampleOrder, now: datetime, random: Random) -> dict[str, Any]:
    identity = str(uuid.UUID(int=random.getrandbits(128), version=4))
    trace, span = random.getrandbits(128) | 1, random.getrandbits(64) | 1
    return {
        "specversion": "1.0",
        "id": identity,
        "source": STOREFRONT,
        "type": CHECKOUT.name,
        "subject": order.key,
        "time": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "dataschema": f"urn:orderbus:schema:{STOREFRONT}:{CHECKOUT.name}:{CHECKOUT.version}",
        "datacontenttype": "application/json",
        "correlationid": identity,
        # The first event of a correlation is its own cause.
        "causationid": identity,
        "traceparent": f"00-{trace:032x}-{span:016x}-01",
        "data": order.checkout(),
    }


def _rejected(entry_point: str, key: str, response: str) -> CommandError:
    return CommandError(
        f"Order {key} was rejected by {entry_point}: {response}",
        hint="The demo sends valid orders only; check the functions and the template.",
        code=ExitCode.OPEN_ORDERS,
    )
