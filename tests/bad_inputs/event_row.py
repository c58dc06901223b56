"""A row of the table of bad events, and the few kinds of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from functions.shared.contracts.envelope import event_id
from functions.shared.contracts.fact import Fact
from tests.now import NOW
from tests.unit.functions.builders import (
    LONDON,
    ORDER,
    a_bus_event,
    a_document,
    an_order_created,
)

CANARY = "c4n4ry"
CUSTOMER = {"customer_id": CANARY, "email": f"{CANARY}@example.com"}
URN = "urn:orderbus:schema:orders:OrderCreated:2"
NAMELESS = ("-", "-")

Disposition = Literal["handled", "retried", "dead_lettered"]


def document(fact: Fact | None = None, **changes: Any) -> dict[str, Any]:
    """Return the document of an order whose customer no log may name, or of another fact."""
    made = a_document(fact or an_order_created(ship_to=LONDON))
    if fact is None:
        made["data"] |= CUSTOMER
    return {**made, **changes}


def data(**changes: Any) -> dict[str, Any]:
    """The order's data, changed as asked."""
    return {**document()["data"], **changes}


def bus(made: dict[str, Any] | None = None, **wrapping: Any) -> str:
    """The document in EventBridge's wrapping."""
    return json.dumps(a_bus_event(made or document(), **wrapping))


def sns(message: str) -> str:
    """The message in SNS's wrapping.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """
    topic = "arn:aws:sns:eu-west-1:123456789012:orderbus-dev-order-created"
    return json.dumps({"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": message})


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in document().items() if name not in names}


def later(**by: float) -> str:
    return (NOW + timedelta(**by)).isoformat()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One message to inventory, and what must become of it."""

    name: str
    body: str
    gets: Disposition
    reason: str = ""
    labels: tuple[str, str] = (event_id("orders", ORDER, "creation"), URN)
    """Its event's id and schema, as they can be read."""
    also: Mapping[str, int] = field(default_factory=dict)
    """The other metrics that are counted."""

    @property
    def case(self) -> str:
        """Its number in the catalogue."""
        return self.name.partition(" ")[0]


def handled(name: str, body: str, **also: int) -> Row:
    return Row(name=name, body=body, gets="handled", also=also)


def unknown(name: str, body: str) -> Row:
    """Return a fact that another version of the consumer may know; it comes again."""
    return Row(name=name, body=body, gets="retried", also={"NoReaction": 1})


def rejected(name: str, body: str, reason: str, labels: tuple[str, str] | None = None) -> Row:
    if labels is None:
        return Row(name=name, body=body, gets="dead_lettered", reason=reason)
    return Row(name=name, body=body, gets="dead_lettered", reason=reason, labels=labels)


def forged(name: str, body: str, reason: str, labels: tuple[str, str] | None = None) -> Row:
    row = rejected(name, body, reason, labels)
    return Row(
        name=name, body=body, gets="dead_lettered", reason=reason, labels=row.labels, also={"Forged": 1}
    )
