# Copied from functions/shared/contracts/envelope.py by `python -m client_package`: change the original.
"""The envelope of a fact: CloudEvents 1.0 with extensions for its cause."""

import hashlib
import uuid
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from orderbus_client.contracts.shared.domain_contracts import domain_contracts
from orderbus_client.contracts.shared.fact import Fact
from orderbus_client.contracts.shared.media_type import JsonData
from orderbus_client.contracts.shared.party import scoped
from orderbus_client.contracts.shared.timestamp import parse_timestamp

F_co = TypeVar("F_co", bound=Fact, covariant=True)

EventId = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?!\n)$")]
"""A UUID; it may have upper-case digits on its way in (RFC 9562), so compare it in lower case only."""
Traceparent = Annotated[
    str, Meta(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?!\n)$", description="W3C trace context.")
]
Name = Annotated[str, Meta(min_length=1, max_length=128)]


class Envelope(Struct, frozen=True, kw_only=True):
    """The `detail` of every event: a CloudEvents 1.0 document.

    https://github.com/cloudevents/spec
    """

    specversion: Literal["1.0"]
    id: Annotated[EventId, Meta(description="A UUID, in either case.")]
    source: Annotated[
        Name, Meta(description="The service that publishes the fact; the same as EventBridge's `source`.")
    ]
    type: Annotated[Name, Meta(description="The fact's name; the same as EventBridge's `detail-type`.")]
    subject: Annotated[
        str,
        Meta(min_length=1, max_length=255, description="The id of its aggregate, such as an order's."),
    ]
    time: Annotated[
        str,
        Meta(
            description="When it was decided; RFC 3339, leap seconds included.",
            extra_json_schema={"format": "date-time"},
        ),
    ]
    dataschema: Annotated[Name, Meta(description="The URN of the schema of `data`.")]
    datacontenttype: JsonData = "application/json"
    correlationid: Annotated[
        EventId, Meta(description="The conversation: the same for every fact of one journey.")
    ]
    causationid: Annotated[EventId, Meta(description="The event or request that caused this fact.")]
    traceparent: Traceparent
    data: Annotated[Raw, Meta(description="The fact, not yet decoded; `dataschema` names its schema.")]

    def __post_init__(self) -> None:
        """Raise ValueError, which msgspec reports as invalid, unless `time` is a timestamp."""
        parse_timestamp(self.time)

    @property
    def timestamp(self) -> datetime:
        """The time as a datetime."""
        return parse_timestamp(self.time)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """The request or event that led to a decision, and the conversation that both belong to."""

    id: str
    correlation_id: str
    traceparent: str


class Event(msgspec.Struct, Generic[F_co], frozen=True, kw_only=True):
    """A fact with its identity and its cause."""

    id: str
    subject: str
    time: datetime
    cause: Cause
    fact: F_co
    major: int
    """The major version in which it was published; `fact` is always in the latest."""
    party: str = ""
    """Account and source that published it if not our own owner: `111122223333:storefront`."""

    @property
    def identity(self) -> str:
        """The id, scoped to the party: other parties may use the same id."""
        return scoped(self.party, self.id)

    def as_cause(self) -> Cause:
        """Return this event as the cause of the next."""
        return Cause(id=self.id, correlation_id=self.cause.correlation_id, traceparent=self.cause.traceparent)


def origin(name: str) -> Cause:
    """Return a cause derived from a name, for work that no request or event led to."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    identity = str(uuid.uuid5(domain_contracts().id_namespace, name))
    return Cause(id=identity, correlation_id=identity, traceparent=f"00-{digest[:32]}-{digest[32:48]}-01")


def event_id(owner: str, aggregate: str, decision: str) -> str:
    """Return the id of a decision's event, the same for every attempt."""
    return str(uuid.uuid5(domain_contracts().id_namespace, f"{owner}|{aggregate}|{decision}"))


def child_of(traceparent: str, name: str) -> str:
    """Continue the trace with a span id derived from `name` (https://www.w3.org/TR/trace-context/)."""
    version, trace_id, _, flags = traceparent.split("-")
    return f"{version}-{trace_id}-{hashlib.sha256(name.encode()).hexdigest()[:16]}-{flags}"
