"""Events of your own: a fact with an id, a time and a cause."""

import uuid
from datetime import UTC, datetime
from typing import TypeVar

from orderbus_client.contracts.shared.envelope import Cause, Event, event_id
from orderbus_client.contracts.shared.fact import Fact

F = TypeVar("F", bound=Fact)


def new_event(fact: F, *, subject: str, key: str | None = None, cause: Cause | None = None) -> Event[F]:
    """Return an event that publishes the fact, to keep and to publish as often as needed.

    `subject` names what the fact is about. With a `key`, the id is derived from source, subject and key, so
    that a program that starts again publishes the same id; consumers drop the second. Without one it is
    random. `cause` is the event that led to it (`event.as_cause()`).
    """
    identity = event_id(fact.owner, subject, key) if key else str(uuid.uuid4())
    return Event(
        id=identity,
        subject=subject,
        time=datetime.now(UTC),
        cause=cause or _origin(identity),
        fact=fact,
        major=fact.version,
    )


def _origin(identity: str) -> Cause:
    """Start a conversation and a trace (https://www.w3.org/TR/trace-context/) at this event."""
    trace = uuid.UUID(identity).hex
    return Cause(id=identity, correlation_id=identity, traceparent=f"00-{trace}-{trace[:16]}-01")
