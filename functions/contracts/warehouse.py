"""What warehouses outside tell us."""

from typing import ClassVar

from functions.contracts.values import ReplenishmentId, StockLines
from functions.shared.contracts.fact import Fact


class StockReplenished(Fact, frozen=True, kw_only=True):
    """Goods have come in; the id is the delivery's own, and stands for these lines for ever."""

    owner: ClassVar[str] = "warehouse"

    replenishment_id: ReplenishmentId
    lines: StockLines
