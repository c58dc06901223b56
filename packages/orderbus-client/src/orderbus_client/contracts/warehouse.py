# Copied from functions/contracts/warehouse.py by `python -m client_package`: change the original.
"""Facts that partners' warehouses publish."""

from typing import ClassVar

from orderbus_client.contracts import heartbeat
from orderbus_client.contracts.inbound import check_skus
from orderbus_client.contracts.values import ReplenishmentId, StockLines
from orderbus_client.contracts.shared.fact import Fact


class StockReplenished(Fact, frozen=True, kw_only=True):
    """Stock came in; the id is the delivery's own and identifies these lines for ever."""

    owner: ClassVar[str] = "warehouse"
    also_from: ClassVar[frozenset[str]] = frozenset({heartbeat.SOURCE})

    replenishment_id: ReplenishmentId
    lines: StockLines

    def check(self) -> None:
        """Raise `Rejected` for repeated SKUs."""
        check_skus(self.lines)
