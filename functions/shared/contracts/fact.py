"""What every fact has in common."""

from typing import ClassVar

from msgspec import Struct

from functions.shared.contracts.values import OrderId


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened; `owner` is the one service that may say so."""

    owner: ClassVar[str]
    version: ClassVar[int] = 1


class OrderFact(Fact, frozen=True, kw_only=True):
    """A decision on one order; `decision` names it, and outcomes that exclude each other share the name."""

    decision: ClassVar[str]

    order_id: OrderId
