"""The two doors orders come in by: the HTTP API, and the ingress bus for partners."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from typing import Any

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.cloud import Cloud
from cli.demo.sample_orders import Order
from infrastructure.names import Names
from infrastructure.topology import STOREFRONT, fact

BATCH = 10
"""What PutEvents takes at most."""

CHECKOUT = fact("CheckoutCompleted")


class Doors:
    """Sends orders in, and takes no refusal in silence."""

    def __init__(self, cloud: Cloud, names: Names, random: Random) -> None:
        self._cloud = cloud
        self._bus = names.ingress_bus
        self._random = random

    def place(self, order: Order) -> None:
        """A customer's `POST /orders`."""
        reply = self._cloud.http(
            "POST",
            "/orders",
            json=order.request(),
            headers={"Idempotency-Key": order.key},
            customer=order.customer,
        )
        if reply.status != HTTPStatus.ACCEPTED:
            raise _refused("the HTTP API", order.key, f"{reply.status} {reply.body}")

    def check_out(self, orders: Sequence[Order]) -> None:
        """Partners' `CheckoutCompleted` events, at most ten at once."""
        now = self._cloud.clock.now()
        entries = [checkout_entry(order, bus=self._bus, now=now, random=self._random) for order in orders]
        results = self._cloud.put_events(entries)
        for order, result in zip(orders, results["Entries"], strict=True):
            if "ErrorCode" in result:
                raise _refused(
                    "the ingress bus", order.key, f"{result['ErrorCode']} {result['ErrorMessage']}"
                )


def checkout_entry(order: Order, *, bus: str, now: datetime, random: Random) -> dict[str, Any]:
    """The PutEvents entry of a partner's checkout."""
    return {
        "EventBusName": bus,
        "Source": STOREFRONT,
        "DetailType": CHECKOUT.name,
        "Detail": json.dumps(_cloud_event(order, now, random)),
    }


def _cloud_event(order: Order, now: datetime, random: Random) -> dict[str, Any]:
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
        # The first event of a conversation is its own cause.
        "causationid": identity,
        "traceparent": f"00-{trace:032x}-{span:016x}-01",
        "data": order.checkout(),
    }


def _refused(door: str, key: str, answer: str) -> CommandError:
    return CommandError(
        f"Order {key} was refused at {door}: {answer}",
        hint="The demo sends nothing but good orders: the functions or the template are broken.",
        code=ExitCode.OPEN_ORDERS,
    )
