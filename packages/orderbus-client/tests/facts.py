"""Facts for the tests of the client."""

from typing import Any

from orderbus_client import Event, new_event
from orderbus_client.contracts.shared import codec
from orderbus_client.events import StockLine, StockReplenished


def a_delivery(number: int = 1, *, lines: int = 1) -> Event[StockReplenished]:
    """Return a delivery; 99 lines make it about 5 KiB."""
    contents = tuple(StockLine(sku=f"{'SKU-' * 8}{line}", quantity=1) for line in range(lines))
    fact = StockReplenished(replenishment_id=f"delivery-{number}", lines=contents)
    return new_event(fact, subject=fact.replenishment_id, key="delivery")


def record(body: str, message_id: str = "m1", **fields: Any) -> dict[str, Any]:
    """Return a queue message as Lambda passes it."""
    return {"messageId": message_id, "body": body, **fields}


def document(number: int = 1) -> str:
    """Return a delivery as a CloudEvents document."""
    return codec.write(a_delivery(number))
