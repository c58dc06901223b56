"""What every fact has in common."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from functions.shared.contracts.values import OrderId


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


class OrderFact(Fact, frozen=True, kw_only=True):
    """A decision on one order; `decision` names it, and outcomes that exclude each other share the name."""

    decision: ClassVar[str]

    order_id: OrderId
