"""The use of a limit and the wait before it, at an order rate. No I/O.

The wait is Sakasegawa's approximation for M/M/c: https://doi.org/10.1007/BF02480265
"""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

COMFORTABLE_USE = 0.7
"""The share of a limit that leaves room for peaks."""
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Something that allows so many orders a second."""

    name: str
    setting: str
    """The setting of the stage, or the quota, that decides."""
    value: int
    """The setting's value now."""
    orders_per_second: float
    lifted_by: str
    service_ms: float | None = None
    """The time of one batch where orders wait in a queue; None where they are rejected."""
    servers: int = 1

    def use(self, rate: float) -> float:
        """Return the share of the limit that is used; above 1 it is exceeded."""
        return rate / self.orders_per_second

    def needed(self, rate: float) -> int:
        """Return the value of the setting at which the limit is used comfortably."""
        return ceil(self.value * self.use(rate) / COMFORTABLE_USE)

    def wait_ms(self, rate: float) -> float | None:
        """Return the mean wait for a free server; None if the backlog grows or nothing waits."""
        use = self.use(rate)
        if self.service_ms is None or use >= 1:
            return None
        power = sqrt(2 * (self.servers + 1)) - 1
        wait: float = self.service_ms * use**power / (self.servers * (1 - use))
        return wait

    def excess_per_hour(self, rate: float) -> int:
        """Return the orders of an hour that wait longer and longer, or are rejected."""
        return max(0, round((rate - self.orders_per_second) * SECONDS_PER_HOUR))

    def at(self, rate: float) -> dict[str, Any]:
        """Return the limit at that rate, for scripts."""
        return {
            "limit": self.name,
            "setting": self.setting,
            "value": self.value,
            "orders_per_second": round(self.orders_per_second, 1),
            "use": round(self.use(rate), 4),
            "wait_ms": self.wait_ms(rate),
            "excess_orders_per_hour": self.excess_per_hour(rate),
            "needed": self.needed(rate),
            "lifted_by": self.lifted_by,
        }
