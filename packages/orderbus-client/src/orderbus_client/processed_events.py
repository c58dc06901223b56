"""Stores that say which events a consumer has reacted to."""

import time
from enum import Enum, auto
from typing import Protocol


class Claim(Enum):
    """The response of a store to a consumer that wants to react to an event."""

    CLAIMED = auto()
    """React, then call `complete` or `release`."""
    DONE = auto()
    """Somebody has reacted to it."""
    BUSY = auto()
    """Somebody is at it, or stopped in the middle; come again after the lease."""


class ClaimLostError(Exception):
    """The lease ended before the reaction did, and somebody else claimed the event."""


class ProcessedEvents(Protocol):
    """A store of events by identity, `<source>|<id>`."""

    def claim(self, identity: str) -> Claim:
        """Claim the event, unless somebody has reacted to it or is doing so."""

    def complete(self, identity: str) -> None:
        """Record that the reaction succeeded; raise `ClaimLostError` if the claim is not ours any more."""

    def release(self, identity: str) -> None:
        """Give the claim back after a reaction that failed."""


class MemoryProcessedEvents:
    """A store in this process, for tests and for one long-lived worker; it forgets after `keep_seconds`."""

    def __init__(self, *, keep_seconds: float = 86_400) -> None:
        """Keep finished events for a day, by default."""
        self._keep_seconds = keep_seconds
        self._claimed: set[str] = set()
        self._done_at: dict[str, float] = {}

    def claim(self, identity: str) -> Claim:
        """Claim the event, unless this process has reacted to it or is doing so."""
        self._forget()
        if identity in self._done_at:
            return Claim.DONE
        if identity in self._claimed:
            return Claim.BUSY
        self._claimed.add(identity)
        return Claim.CLAIMED

    def complete(self, identity: str) -> None:
        """Record that the reaction succeeded."""
        self._claimed.discard(identity)
        self._done_at[identity] = time.monotonic()

    def release(self, identity: str) -> None:
        """Give the claim back."""
        self._claimed.discard(identity)

    def _forget(self) -> None:
        """Remove the oldest events; the dictionary keeps them in the order in which they were done."""
        oldest = time.monotonic() - self._keep_seconds
        while self._done_at and next(iter(self._done_at.values())) < oldest:
            del self._done_at[next(iter(self._done_at))]
