"""The stock that the event log accounts for, and the rows of the stock table that show it. Pure."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct, field

from functions.contracts.inventory import InventoryReleased, InventoryReserved, StockAdded
from functions.shared.contracts.fact import Fact


class StockAccount(Struct, kw_only=True):
    """Units for sale by SKU, and how often each was replenished."""

    available: Counter[str] = field(default_factory=Counter)
    replenishments: Counter[str] = field(default_factory=Counter)

    def book(self, fact: Fact) -> None:
        """Add what the fact adds to the stock, or take what it takes."""
        match fact:
            case StockAdded():
                self.available.update({line.sku: line.quantity for line in fact.lines})
                self.replenishments.update(line.sku for line in fact.lines)
            case InventoryReleased():
                self.available.update({line.sku: line.quantity for line in fact.lines})
            case InventoryReserved():
                self.available.subtract({line.sku: line.quantity for line in fact.lines})


def corrected(sku: str, rows: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Return the rows of a SKU to change: units are added to the first row, and taken from the fullest."""
    surplus = sum(rows.values()) - wanted
    if surplus < 0:
        return {sku: rows.get(sku, 0) - surplus}
    changed = {}
    for row, units in sorted(rows.items(), key=lambda pair: -pair[1]):
        taken = min(units, surplus)
        surplus -= taken
        if taken:
            changed[row] = units - taken
    return changed
