"""Facts that partners' warehouses publish."""

from typing import ClassVar

from functions.contracts import heartbeat
from functions.contracts.inbound import check_skus
from functions.contracts.values import ReplenishmentId, StockLines
from functions.shared.contracts.fact import Fact


class StockReplenished(Fact, frozen=True, kw_only=True):
    """Stock came in; the id is the delivery's own and identifies these lines for ever."""

    owner: ClassVar[str] = "warehouse"
    also_from: ClassVar[frozenset[str]] = frozenset({heartbeat.SOURCE})

    replenishment_id: ReplenishmentId
    lines: StockLines

    def check(self) -> None:
        """Raise `Rejected` for repeated SKUs."""
        check_skus(self.lines)
