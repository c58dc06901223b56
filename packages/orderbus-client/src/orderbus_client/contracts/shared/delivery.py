# Copied from functions/shared/contracts/delivery.py by `python -m client_package`: change the original.
"""The content of a queue message: a CloudEvents document in EventBridge's wrapping, perhaps in SNS's too."""

import hashlib
import json

import msgspec
from msgspec import Raw, Struct

from orderbus_client.contracts.shared import codec
from orderbus_client.contracts.shared.codec import MAXIMUM_BYTES, Rejected, UnknownFactError, decode
from orderbus_client.contracts.shared.envelope import Envelope, Event
from orderbus_client.contracts.shared.fact import Fact
from orderbus_client.contracts.shared.log_context import LogContext

MAXIMUM_DELIVERY_CHARACTERS = 2 * MAXIMUM_BYTES
"""Limit of one queue message: an event in EventBridge's wrapping, which may escape some of it."""


class Delivery(Struct, frozen=True, kw_only=True):
    """An event, and how it was delivered."""

    event: Event[Fact]
    digest: str
    """Digest of the data as sent; events with different digests have different content."""
    account: str
    region: str
    """The account and region of the bus it was published on, as EventBridge names them."""
    is_replayed: bool
    source: str
    """The source that the bus has checked."""


class Message(Struct, frozen=True, kw_only=True):
    """A queue message, decoded once: its ids, and the delivery or the reason why there is none."""

    context: LogContext = LogContext()
    delivery: Delivery | None = None
    failure: Rejected | UnknownFactError | None = None

    def required_delivery(self) -> Delivery:
        """Return the delivery; raise `Rejected` or `UnknownFactError` if there is none."""
        if self.delivery is None:
            raise self.failure or AssertionError("A message has a delivery or a failure.")
        return self.delivery


class _BusEvent(Struct, frozen=True):
    """EventBridge's wrapping."""

    source: str
    detail_type: str = msgspec.field(name="detail-type")
    detail: Raw
    account: str = ""
    region: str = ""
    replay_name: str | None = msgspec.field(name="replay-name", default=None)


class _Notification(Struct, frozen=True, tag_field="Type", tag="Notification"):
    """SNS's wrapping, where delivery is not raw, as in a subscription's dead-letter queue."""

    message: str = msgspec.field(name="Message")


def read_delivery(body: str | bytes) -> Delivery:
    """Return the delivery in a queue message that EventBridge filled.

    Raises:
        Rejected: it is malformed, or its source may not publish that fact.
        UnknownFactError: this version does not know its type.
    """
    return read_message(body).required_delivery()


def read_message(body: str | bytes) -> Message:
    """Decode a queue message; return the failure instead of raising it."""
    try:
        bus_event = _bus_event(body)
    except Rejected as rejected:
        return Message(failure=rejected)
    try:
        envelope = codec.read_envelope(bus_event.detail)
    except Rejected as rejected:
        return Message(context=LogContext.of_document(bus_event.detail), failure=rejected)
    context = LogContext.of_envelope(envelope)
    try:
        return Message(context=context, delivery=_delivery(bus_event, envelope))
    except (Rejected, UnknownFactError) as failure:
        return Message(context=context, failure=failure)


def _bus_event(body: str | bytes) -> _BusEvent:
    if len(body) > MAXIMUM_DELIVERY_CHARACTERS:
        detail = f"{len(body)} characters; the limit is {MAXIMUM_DELIVERY_CHARACTERS}"
        raise Rejected("message_too_large", detail)
    try:
        return decode(body, _BusEvent, "json_invalid")
    except Rejected as rejected:
        return _in_notification(body, rejected)


def _in_notification(body: str | bytes, rejected: Rejected) -> _BusEvent:
    """Return the bus event inside SNS's wrapping; raise `rejected` if there is no such wrapping."""
    try:
        notification = decode(body, _Notification, "json_invalid")
    except Rejected:
        raise rejected from None
    return decode(notification.message, _BusEvent, "json_invalid")


def _delivery(bus_event: _BusEvent, envelope: Envelope) -> Delivery:
    if (bus_event.source, bus_event.detail_type) != (envelope.source, envelope.type):
        # The bus checks who may use a source; nobody checks what the detail claims to be.
        raise Rejected("source_mismatch", "the detail claims another source or type than the bus event")
    return Delivery(
        event=codec.open_envelope(envelope),
        digest=_digest(envelope.data),
        account=bus_event.account,
        region=bus_event.region,
        is_replayed=bus_event.replay_name is not None,
        source=bus_event.source,
    )


def _digest(data: Raw) -> str:
    """Return the same digest for the same values, in any order of fields and with any spaces."""
    try:
        canonical = json.dumps(decode(data, object, "data_invalid"), sort_keys=True)
    except RecursionError:
        raise Rejected("data_invalid", "nested too deeply") from None
    return hashlib.sha256(canonical.encode()).hexdigest()
