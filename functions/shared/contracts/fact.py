"""What every fact has in common."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from functions.contracts.values import OrderId


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened; `owner` is the one service that may say so."""

    owner: ClassVar[str]
    version: ClassVar[int] = 1
    older: ClassVar[Mapping[int, "type[Older]"]] = {}
    """Its earlier majors that are still read: in archives and dead letters they live on."""


class Older(Struct, frozen=True, kw_only=True):
    """A fact as an earlier major of its schema had it."""

    def upcast(self) -> "Older | Fact":
        """What the next major would have said; nothing that was said is made up or changed."""
        raise NotImplementedError


class PublishedFact(Fact, frozen=True, kw_only=True):
    """What a service of ours decided about one thing; outcomes that exclude each other share a decision."""

    decision: ClassVar[str]
    about: ClassVar[str]
    """The field that identifies what was decided on."""

    @property
    def aggregate(self) -> str:
        """What was decided on; together with the owner and the decision it identifies the event."""
        return str(getattr(self, self.about))

    @property
    def decision_key(self) -> str:
        """The decision; where it may recur on the same aggregate, with what tells the one from the other."""
        return self.decision


class OrderFact(PublishedFact, frozen=True, kw_only=True):
    """A decision on one order."""

    about: ClassVar[str] = "order_id"

    order_id: OrderId
