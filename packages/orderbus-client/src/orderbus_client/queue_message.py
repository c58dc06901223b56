"""The event in a queue message: a CloudEvents document, alone or in EventBridge's and SNS's wrapping."""

from typing import Any

import msgspec

from orderbus_client.contracts.shared import codec
from orderbus_client.contracts.shared.delivery import read_delivery
from orderbus_client.contracts.shared.envelope import Event


class _Shape(msgspec.Struct, frozen=True):
    specversion: str = ""


def event_in(body: str | bytes) -> Event[Any]:
    """Return the event, in the newest version of its schema that this package knows.

    Raises:
        Rejected: no such event, or one that violates its contract; it can never succeed.
        UnknownFactError: an event of a type that this package does not know.
    """
    return codec.read(body) if _is_cloud_event(body) else read_delivery(body).event


def _is_cloud_event(body: str | bytes) -> bool:
    try:
        return bool(msgspec.json.decode(body, type=_Shape).specversion)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
