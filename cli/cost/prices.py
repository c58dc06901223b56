"""The price list, `data/prices.toml`: dollars by unit and region, each with its date and source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msgspec import Struct, convert

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

PRICES = Path(__file__).parent / "data" / "prices.toml"
SECONDS_PER_HOUR = 3600


class UnitPrice(Struct, frozen=True, forbid_unknown_fields=True):
    """The price of so many units of one kind, by region."""

    unit: str
    service: str
    per: int
    dollars: dict[str, float]
    date: date
    source: str
    unverified: tuple[str, ...] = ()
    """Regions whose price was not compared with the source."""
    unverified_because: str = ""
    price_list: str = ""
    """The file of AWS's price list with the price of a region that the source does not show as text."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region."""

    region: str
    prices: Mapping[str, UnitPrice]

    @classmethod
    def of(cls, region: str) -> "PriceList":
        """Read the prices of a region; CommandError if the list lacks it."""
        prices = read_prices()
        if region not in (regions := list(prices[0].dollars)):
            raise CommandError(
                f"The price list has no region {region!r}.",
                hint=f"Use one of {', '.join(regions)}, or add it to cli/cost/data/prices.toml.",
                code=ExitCode.USAGE,
            )
        return cls(region, {price.unit: price for price in prices})

    @property
    def oldest(self) -> date:
        """The date of the oldest price."""
        return min(price.date for price in self.prices.values())

    @property
    def unverified(self) -> int:
        """The number of prices of the region that were not compared with their source."""
        return sum(self.region in price.unverified for price in self.prices.values())

    def dollars(self, unit: str, quantity: float) -> float:
        """Return the price of a quantity."""
        price = self.prices[unit]
        return quantity * price.dollars[self.region] / price.per

    def service(self, unit: str) -> str:
        """Return the AWS service that charges for a unit."""
        return self.prices[unit].service


def read_prices() -> list[UnitPrice]:
    """Return every price."""
    return convert(tomllib.loads(PRICES.read_text(encoding="utf-8"))["price"], list[UnitPrice])
