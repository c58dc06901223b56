"""The results of a call of `publish`, by event."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orderbus_client.contracts.shared.envelope import Event

INVALID = "Invalid"
"""The event violates its contract; `message` says where. It was not sent."""
DEADLINE = "DeadlineExceeded"
"""There was no time left to send it. It was not sent."""
NO_RESPONSE = "NoResponse"
"""The connection failed or the response was incomplete, so it may have been published all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEvent:
    """An event that EventBridge took, and the id that EventBridge gave it."""

    event: Event[Any]
    eventbridge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishedEvent:
    """An event that EventBridge did not take, with the last error; publish the same event again."""

    event: Event[Any]
    code: str
    """AWS's error code, or `Invalid`, `DeadlineExceeded` or `NoResponse`."""
    message: str
    attempts: int
    """Requests that held the event."""
    is_retryable: bool
    """Whether the same event may succeed later, unchanged."""


class UnpublishedError(Exception):
    """Some events were not published; `unpublished` holds them."""

    def __init__(self, unpublished: tuple[UnpublishedEvent, ...]) -> None:
        codes = ", ".join(sorted({each.code for each in unpublished}))
        super().__init__(f"{len(unpublished)} events were not published: {codes}")
        self.unpublished = unpublished


@dataclass(frozen=True, slots=True)
class PublishReport:
    """One entry for each event, in the order in which they were given."""

    entries: tuple[PublishedEvent | UnpublishedEvent, ...]

    @property
    def published(self) -> tuple[PublishedEvent, ...]:
        """The events that EventBridge took."""
        return tuple(each for each in self.entries if isinstance(each, PublishedEvent))

    @property
    def unpublished(self) -> tuple[UnpublishedEvent, ...]:
        """The events that EventBridge did not take."""
        return tuple(each for each in self.entries if isinstance(each, UnpublishedEvent))

    def required(self) -> tuple[PublishedEvent, ...]:
        """Return the published events; raise `UnpublishedError` unless every event was published."""
        if self.unpublished:
            raise UnpublishedError(self.unpublished)
        return self.published

    def __iter__(self) -> Iterator[PublishedEvent | UnpublishedEvent]:
        return iter(self.entries)
