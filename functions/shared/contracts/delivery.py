"""What a queue message brings: a CloudEvents document in EventBridge's wrapping, perhaps in SNS's too."""

import hashlib
import json
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from functions.shared.contracts import codec
from functions.shared.contracts.codec import MAXIMUM_BYTES, Rejected, decode
from functions.shared.contracts.envelope import Event, EventId
from functions.shared.contracts.fact import Fact

MAXIMUM_DELIVERY = 2 * MAXIMUM_BYTES
"""Of one queue message: an event in EventBridge's wrapping, which may escape some of it."""
UNREADABLE = "-"

SchemaUrn = Annotated[str, Meta(pattern=r"^urn:orderbus:schema:[a-z]{1,40}:[A-Za-z]{1,60}:[0-9]{1,4}(?!\n)$")]

Labelled = TypeVar("Labelled")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event, and what those who carried it say about it."""

    event: Event[Fact]
    digest: str
    """Of the data as it was sent, whatever this version makes of it: two that differ say different things."""
    account: str
    region: str
    """Where it was put on a bus, by EventBridge's own word."""
    is_replayed: bool


class _BusEvent(Struct, frozen=True):
    """What EventBridge wraps round a detail."""

    source: str
    detail_type: str = msgspec.field(name="detail-type")
    detail: Raw
    account: str = ""
    region: str = ""
    replay_name: str | None = msgspec.field(name="replay-name", default=None)


class _Notification(Struct, frozen=True, tag_field="Type", tag="Notification"):
    """What SNS wraps round a message that it does not deliver raw, such as a subscription's dead letter."""

    message: str = msgspec.field(name="Message")


class _Identified(Struct, frozen=True):
    id: EventId


class _Described(Struct, frozen=True):
    dataschema: SchemaUrn


def read_delivery(body: str | bytes) -> Delivery:
    """The event in a queue message that EventBridge filled.

    Raises:
        Rejected: it is malformed, or its source may not state such a fact.
        UnknownFactError: its type is not known to this version.
    """
    wrapper = _bus_event(body)
    envelope = codec.read_envelope(wrapper.detail)
    if (wrapper.source, wrapper.detail_type) != (envelope.source, envelope.type):
        # The bus checks who may use a source; nobody checks what the detail claims to be.
        raise Rejected("source_mismatch", "the detail claims another source or type than the bus event")
    return Delivery(
        event=codec.open_envelope(envelope),
        digest=_digest(envelope.data),
        account=wrapper.account,
        region=wrapper.region,
        is_replayed=wrapper.replay_name is not None,
    )


def labels_of(body: str) -> tuple[str, str]:
    """The id and the schema of the event in a message, for its dead letter; `-` where they cannot be read."""
    detail = detail_of(body)
    return (UNREADABLE, UNREADABLE) if detail is None else labels_of_document(detail)


def detail_of(body: str) -> Raw | None:
    """The CloudEvents document in a message, whatever it holds; None where there is no reading that far."""
    try:
        return _bus_event(body).detail
    except Rejected:
        return None


def labels_of_document(document: str | Raw) -> tuple[str, str]:
    """The same of a CloudEvents document."""
    identified, described = label(document, _Identified), label(document, _Described)
    event_id = identified.id.lower() if identified else UNREADABLE
    return event_id, described.dataschema if described else UNREADABLE


def label(document: str | Raw, into: type[Labelled]) -> Labelled | None:
    """As much of a document as that type reads; None where it cannot be read."""
    try:
        return decode(document, into, "label_unreadable")
    except Rejected:
        return None


def _bus_event(body: str | bytes) -> _BusEvent:
    if len(body) > MAXIMUM_DELIVERY:
        raise Rejected("message_too_large", f"{len(body)} characters; the limit is {MAXIMUM_DELIVERY}")
    try:
        return decode(body, _BusEvent, "json_invalid")
    except Rejected as rejected:
        return _in_notification(body, rejected)


def _in_notification(body: str | bytes, rejected: Rejected) -> _BusEvent:
    """The bus event that SNS has wrapped once more; raises what was found first where it has not."""
    try:
        notification = decode(body, _Notification, "json_invalid")
    except Rejected:
        raise rejected from None
    return decode(notification.message, _BusEvent, "json_invalid")


def _digest(data: Raw) -> str:
    """The same for the same values, whatever spaces and order of names a broker gave them."""
    try:
        canonical = json.dumps(decode(data, object, "data_invalid"), sort_keys=True)
    except RecursionError:
        raise Rejected("data_invalid", "nested too deeply") from None
    return hashlib.sha256(canonical.encode()).hexdigest()
