"""Sample orders; some have a declined card or an SKU that is out of stock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

CURRENCY = "USD"
PRICES = {"CD-ABBEY-ROAD": 1499, "CD-BLUE-TRAIN": 1299, "CD-KIND-OF-BLUE": 999, "CD-LAST-PRESSING": 4999}
SCARCE = "CD-LAST-PRESSING"
PLENTY = 1_000_000

GOOD_CARD = "pm_card_visa"
DECLINED_CARD = "pm_card_chargeDeclined"

# One in every so many orders; even a small run shows both compensations.
DECLINED_EVERY, DECLINED_AT = 7, 3
SCARCE_EVERY, SCARCE_AT = 9, 5


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A quantity of one SKU, and its unit price in minor units."""

    sku: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrder:
    """An order to send; `arrives` is the time of a historic purchase."""

    key: str
    customer: str
    lines: tuple[SampleLine, ...]
    payment_method: str = GOOD_CARD
    arrives: datetime | None = None

    @property
    def email(self) -> str:
        """Return the customer's address for email, in a reserved domain."""
        return f"{self.customer}@example.com"

    @property
    def ship_to(self) -> dict[str, str]:
        """Return a postal address."""
        return {
            "name": f"Customer {self.customer}",
            "street": "1 Main Street",
            "city": "Springfield",
            "postal_code": "12345",
            "country": "US",
        }

    def request(self) -> dict[str, Any]:
        """Return the body of `POST /orders`, with the total that the customer was shown."""
        total = sum(line.quantity * line.unit_price for line in self.lines)
        return {
            "lines": [{"sku": line.sku, "quantity": line.quantity} for line in self.lines],
            "email": self.email,
            "ship_to": self.ship_to,
            "payment_method": self.payment_method,
            "total": {"amount": total, "currency": CURRENCY},
        }

    def checkout(self) -> dict[str, Any]:
        """Return the payload of `CheckoutCompleted`, with the partner's prices."""
        return {
            "idempotency_key": self.key,
            "customer_id": self.customer,
            "email": self.email,
            "ship_to": self.ship_to,
            "currency": CURRENCY,
            "payment_method": self.payment_method,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price}
                for line in self.lines
            ],
        }


def seeded_random(seed: int) -> Random:
    """Return a random generator that repeats for the same seed."""
    return Random(seed)  # noqa: S311 - it must repeat, and nothing secret depends on it


def sample_orders(number: int, random: Random) -> list[SampleOrder]:
    """Return a number of orders, the same for the same random generator."""
    return list(_sample_orders(number, random))


def _sample_orders(number: int, random: Random) -> Iterator[SampleOrder]:
    plentiful = sorted(PRICES.keys() - {SCARCE})
    for index in range(number):
        skus = random.sample(plentiful, k=random.randint(1, len(plentiful)))
        lines = [SampleLine(sku, random.randint(1, 3), PRICES[sku]) for sku in skus]
        if index % SCARCE_EVERY == SCARCE_AT:
            lines.append(SampleLine(SCARCE, 1, PRICES[SCARCE]))
        declined = index % DECLINED_EVERY == DECLINED_AT
        yield SampleOrder(
            key=f"demo-{index + 1}",
            customer=f"customer-{random.randint(1, max(1, number // 2))}",
            lines=tuple(lines),
            payment_method=DECLINED_CARD if declined else GOOD_CARD,
        )


def stock_for(orders: Sequence[SampleOrder]) -> dict[str, int]:
    """Return plenty of stock for every SKU, and half the demand for the scarce one."""
    demand = sum(line.quantity for order in orders for line in order.lines if line.sku == SCARCE)
    skus = {line.sku for order in orders for line in order.lines}
    return {sku: demand // 2 if sku == SCARCE else PLENTY for sku in sorted(skus)}
