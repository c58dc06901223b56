"""The whole report: what was counted, at which prices, and the bill."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cli.cost.bill import Bill
from cli.cost.counting.counts import Counts
from cli.cost.levers import Lever, levers_of
from cli.cost.prices import PriceList
from cli.cost.usage import Scenario, log_bytes_of_order

NOT_INCLUDED = (
    "the free tier, volume discounts, savings plans and taxes",
    "data transfer out, and the payment provider's fees",
    "initialisation of cold functions, which Lambda bills too",
    "customers who read their orders, replays, and what operators do",
    "retries after throttling or faults, and everything that attackers send",
    "users of Cognito above the free number, and alarms' emails",
    "replicas, exports, and logs kept longer than a month",
    "retention of the ordered stream beyond seven days, and other readers of it",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """Everything that is printed."""

    stage: str
    orders_per_month: int
    counts: Counts
    shares: Mapping[str, float]
    scenario: Scenario
    prices: PriceList
    bill: Bill

    @property
    def month(self) -> float:
        """Dollars of a month with the orders of the options."""
        return self.bill.month(self.orders_per_month)

    def levers(self) -> list[Lever]:
        """Return what other choices would save."""
        return levers_of(self.counts, self.shares, self.scenario, self.prices)

    def as_json(self) -> dict[str, Any]:
        """Return the report with dollars for each million orders, rounded to hundredths of a cent."""
        bill = self.bill
        return {
            "stage": self.stage,
            "region": self.prices.region,
            "prices_of": self.prices.oldest.isoformat(),
            "unverified_prices": self.prices.unverified,
            "fill": self.scenario.fill,
            "mix": _rounded(self.shares),
            "dollars_per_million_orders": round(bill.orders, 4),
            "without_emails": round(bill.without_emails, 4),
            "by_service": _rounded(bill.by_service),
            "by_function": _rounded(bill.by_function),
            "by_path": [self._path(name) for name in self.counts.paths],
            "storage_per_month_and_million_orders": round(bill.storage, 4),
            "fixed_per_month": _rounded(bill.fixed),
            "idle_per_month": round(bill.idle, 4),
            "orders_per_month": self.orders_per_month,
            "dollars_per_month": round(self.month, 4),
            "log_bytes_per_order": self._log_bytes(),
            "levers": [
                {
                    "name": lever.name,
                    "saves_per_million_orders": round(lever.per_million, 4),
                    "saves_per_month": round(lever.per_month, 4),
                }
                for lever in self.levers()
            ],
            "not_included": list(NOT_INCLUDED),
        }

    def _log_bytes(self) -> dict[str, float]:
        each = log_bytes_of_order(self.counts, self.shares, self.scenario)
        kinds = asdict(each) | {"of_functions": each.of_functions, "total": each.total}
        return {kind: round(number, 1) for kind, number in kinds.items()}

    def _path(self, name: str) -> dict[str, Any]:
        counted = self.counts.paths[name]
        return {
            "path": name,
            "share": round(self.shares.get(name, 0.0), 6),
            "requests": counted.requests,
            "write_units": counted.write_units,
            "read_units": counted.read_units,
            "dollars_per_million_orders": round(self.bill.by_path[name], 4),
        }


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(number, 6) for name, number in numbers.items()}
