"""The only place that sees raw documents: bytes become facts here, and facts become bytes."""

import re
from datetime import datetime
from typing import TypeVar

import msgspec

from functions.shared.contracts.envelope import Cause, Envelope, Event, child_of, event_id
from functions.shared.contracts.fact import Fact, OrderFact
from functions.shared.contracts.registry import FACTS
from functions.shared.contracts.values import OrderId

MAXIMUM_BYTES = 64 * 1024
"""Of one event, far below the smallest limit on its way (SNS: 256 KiB)."""
MAXIMUM_DELIVERY = 2 * MAXIMUM_BYTES
"""Of one queue message: an event in EventBridge's wrapping, which may escape some of it."""

T = TypeVar("T")


class Rejected(Exception):  # noqa: N818 - named as the style guide names the two kinds of failure
    """This can never succeed; `code` says why, and nothing of the message's content is in it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class UnknownFactError(Exception):
    """A fact this version has not heard of: a newer producer's, not an error."""


class _BusEvent(msgspec.Struct, frozen=True):
    """What EventBridge wraps round a detail."""

    source: str
    detail_type: str = msgspec.field(name="detail-type")
    detail: msgspec.Raw


def schema_of(fact: type[Fact]) -> str:
    """The name of a fact's schema in the registry, as a URN."""
    return f"urn:orderbus:schema:{fact.owner}:{fact.__name__}:{fact.version}"


def read_delivery(body: str | bytes) -> Event[Fact]:
    """The event in a queue message that EventBridge filled.

    Raises:
        Rejected: it is malformed, or its source may not state such a fact.
        UnknownFactError: its type is not known to this version.
    """
    if len(body) > MAXIMUM_DELIVERY:
        raise Rejected("message_too_large", f"{len(body)} characters; the limit is {MAXIMUM_DELIVERY}")
    wrapper = _decode(body, _BusEvent, "json_invalid")
    envelope = _decode(wrapper.detail, Envelope, "envelope_invalid")
    if (wrapper.source, wrapper.detail_type) != (envelope.source, envelope.type):
        # The bus checks who may use a source; nobody checks what the detail claims to be.
        raise Rejected("source_mismatch", "the detail claims another source or type than the bus event")
    return _open(envelope)


def read(document: str | bytes) -> Event[Fact]:
    """The event in one CloudEvents document; raises as `read_delivery` does."""
    return _open(_decode(document, Envelope, "envelope_invalid"))


def stated(fact: OrderFact, *, cause: Cause, time: datetime) -> Event[OrderFact]:
    """The event that states a decision on an order."""
    name = event_id(fact.owner, fact.order_id, fact.decision)
    trace = Cause(
        id=cause.id, correlation_id=cause.correlation_id, traceparent=child_of(cause.traceparent, name)
    )
    return Event(id=name, subject=fact.order_id, time=time, cause=trace, fact=fact)


def write(event: Event[Fact]) -> str:
    """The event as a CloudEvents document of at most 64 KiB; raises `Rejected` beyond that."""
    document = msgspec.json.encode(
        Envelope(
            specversion="1.0",
            id=event.id,
            source=event.fact.owner,
            type=type(event.fact).__name__,
            subject=event.subject,
            time=event.time,
            dataschema=schema_of(type(event.fact)),
            correlationid=event.cause.correlation_id,
            causationid=event.cause.id,
            traceparent=event.cause.traceparent,
            data=msgspec.Raw(msgspec.json.encode(event.fact)),
        )
    )
    if len(document) > MAXIMUM_BYTES:
        raise Rejected("event_too_large", f"{len(document)} bytes; the limit is {MAXIMUM_BYTES}")
    return document.decode()


def without_values(complaint: str) -> str:
    """What msgspec says, less the value it quotes: a complaint is logged and may not carry what was sent."""
    return re.sub(r"(enum value) .*?((?: - at `[^`]*`)?)$", r"\1\2", complaint, flags=re.DOTALL)


def is_order_id(text: str) -> bool:
    """Whether the text has the form of an order id."""
    try:
        msgspec.convert(text, OrderId)
    except msgspec.ValidationError:
        return False
    return True


def _open(envelope: Envelope) -> Event[Fact]:
    """The envelope's data as the fact it claims to be."""
    fact = _read_fact(envelope)
    if isinstance(fact, OrderFact) and fact.order_id != envelope.subject:
        raise Rejected("subject_mismatch", "the data names another order than the subject")
    return Event(
        id=envelope.id,
        subject=envelope.subject,
        time=envelope.time,
        cause=Cause(
            id=envelope.causationid, correlation_id=envelope.correlationid, traceparent=envelope.traceparent
        ),
        fact=fact,
    )


def _read_fact(envelope: Envelope) -> Fact:
    known = FACTS.get(envelope.type)
    if known is None:
        raise UnknownFactError(envelope.type)
    if known.owner != envelope.source:
        raise Rejected("source_unauthorised", f"{envelope.type} is not theirs to state")
    if envelope.dataschema != schema_of(known):
        raise Rejected("schema_unsupported", f"this version reads {schema_of(known)}")
    return _decode(envelope.data, known, "data_invalid")


def _decode(document: str | bytes | msgspec.Raw, into: type[T], code: str) -> T:
    try:
        return msgspec.json.decode(document, type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, UnicodeEncodeError) as error:
        raise Rejected(code, without_values(str(error))) from None
    except RecursionError:
        raise Rejected(code, "nested too deeply") from None
