"""A fact on its way: CloudEvents 1.0 with the extensions that say what caused it."""

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from functions.shared.contracts.fact import Fact
from functions.shared.contracts.media_type import JsonData
from functions.shared.contracts.party import scoped
from functions.shared.contracts.timestamp import instant_of

F_co = TypeVar("F_co", bound=Fact, covariant=True)

NAMESPACE = uuid.UUID("6f3d7a52-9f0e-5b8c-8a44-0d2f5f6e7b11")
"""Of every id that Orderbus derives; changing it would make every decision new."""

EventId = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?!\n)$")]
"""A UUID, whose letters may be capitals on their way in (RFC 9562): compare them in lower case only."""
Traceparent = Annotated[str, Meta(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?!\n)$")]
Name = Annotated[str, Meta(min_length=1, max_length=128)]


class Envelope(Struct, frozen=True, kw_only=True):
    """The CloudEvents document, its data still unread (https://github.com/cloudevents/spec)."""

    specversion: Literal["1.0"]
    id: EventId
    source: Name
    type: Name
    subject: Annotated[str, Meta(min_length=1, max_length=255)]
    time: str
    """RFC 3339."""
    dataschema: Name
    datacontenttype: JsonData = "application/json"
    correlationid: EventId
    causationid: EventId
    traceparent: Traceparent
    data: Raw

    def __post_init__(self) -> None:
        """Raise ValueError, which msgspec reports as invalid, unless `time` is a timestamp."""
        instant_of(self.time)

    @property
    def instant(self) -> datetime:
        """The time as a datetime."""
        return instant_of(self.time)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is decided: the request or event before it, and the conversation both belong to."""

    id: str
    correlation_id: str
    traceparent: str


class Event(msgspec.Struct, Generic[F_co], frozen=True, kw_only=True):
    """A fact with its identity and its history."""

    id: str
    subject: str
    time: datetime
    cause: Cause
    fact: F_co
    party: str = ""
    """Account and source of another account that published it, as `111122223333:storefront`."""

    @property
    def identity(self) -> str:
        """The id, which is only unique for one party."""
        return scoped(self.party, self.id)

    def as_cause(self) -> Cause:
        """This event as the cause of the next."""
        return Cause(id=self.id, correlation_id=self.cause.correlation_id, traceparent=self.cause.traceparent)


def origin(name: str) -> Cause:
    """The beginning of a conversation, where neither a request nor an event led to it; by its name alone."""
    identity, digest = str(uuid.uuid5(NAMESPACE, name)), hashlib.sha256(name.encode()).hexdigest()
    return Cause(id=identity, correlation_id=identity, traceparent=f"00-{digest[:32]}-{digest[32:48]}-01")


def event_id(owner: str, aggregate: str, decision: str) -> str:
    """The id of a decision's event: the same however often the decision is attempted."""
    return str(uuid.uuid5(NAMESPACE, f"{owner}|{aggregate}|{decision}"))


def child_of(traceparent: str, name: str) -> str:
    """The trace goes on under a span id derived from `name` (https://www.w3.org/TR/trace-context/)."""
    version, trace_id, _, flags = traceparent.split("-")
    return f"{version}-{trace_id}-{hashlib.sha256(name.encode()).hexdigest()[:16]}-{flags}"
