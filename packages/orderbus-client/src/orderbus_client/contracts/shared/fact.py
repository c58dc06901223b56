# Copied from functions/shared/contracts/fact.py by `python -m client_package`: change the original.
"""The base types of facts."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from msgspec import Struct


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened; only the service `owner` may publish it."""

    owner: ClassVar[str]
    also_from: ClassVar[frozenset[str]] = frozenset()
    """Further sources of an outside producer's fact; what they publish is a party's."""
    version: ClassVar[int] = 1
    older: ClassVar[Mapping[int, "type[Older]"]] = {}
    """Its earlier major versions that are still read: archives and dead-letter queues hold them."""

    def check(self) -> None:
        """Raise `Rejected` if the fact contradicts itself; every consumer calls this."""


class Older(Struct, frozen=True, kw_only=True):
    """A fact in an earlier major version of its schema."""

    def upcast(self) -> "Older | Fact":
        """Return the fact in the next major version, with the same meaning and nothing invented."""
        raise NotImplementedError

    @classmethod
    def downcast(cls, later: Any) -> Self:  # noqa: ANN401 - the next major version, which a subclass names
        """Return a fact of the next major version in this one, while not every consumer reads that one."""
        raise NotImplementedError


class PublishedFact(Fact, frozen=True, kw_only=True):
    """A decision of one of our services; outcomes that exclude each other share a `decision`."""

    decision: ClassVar[str]
    about: ClassVar[str]
    """The field that holds the id of the aggregate."""

    @property
    def aggregate(self) -> str:
        """The id of the aggregate; with the owner and the decision it identifies the event."""
        return str(getattr(self, self.about))

    @property
    def decision_key(self) -> str:
        """The decision, with a suffix if it can be taken several times on one aggregate."""
        return self.decision
