"""Orders to send in: what one says, and made-up ones that meet a declined card and an empty shelf too."""

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

# Every so many orders, so that even a small run shows both compensations.
DECLINED_EVERY, DECLINED_AT = 7, 3
SCARCE_EVERY, SCARCE_AT = 9, 5


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one article, at a price each in minor units."""

    sku: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer wants; `arrives` is when, if that is history."""

    key: str
    customer: str
    lines: tuple[Line, ...]
    payment_method: str = GOOD_CARD
    arrives: datetime | None = None

    @property
    def email(self) -> str:
        """Where letters to the customer go: nowhere real."""
        return f"{self.customer}@example.com"

    @property
    def ship_to(self) -> dict[str, str]:
        """An address that could be real."""
        return {
            "name": f"Customer {self.customer}",
            "street": "1 Main Street",
            "city": "Springfield",
            "postal_code": "12345",
            "country": "US",
        }

    def request(self) -> dict[str, Any]:
        """The body of `POST /orders`, with the total the customer was shown."""
        total = sum(line.quantity * line.unit_price for line in self.lines)
        return {
            "lines": [{"sku": line.sku, "quantity": line.quantity} for line in self.lines],
            "email": self.email,
            "ship_to": self.ship_to,
            "payment_method": self.payment_method,
            "total": {"amount": total, "currency": CURRENCY},
        }

    def checkout(self) -> dict[str, Any]:
        """The data of `CheckoutCompleted`, at the partner's own prices."""
        return {
            "idempotency_key": self.key,
            "customer": {"id": self.customer, "email": self.email},
            "ship_to": self.ship_to,
            "currency": CURRENCY,
            "payment_method": self.payment_method,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price}
                for line in self.lines
            ],
        }


def chance(seed: int) -> Random:
    """A source of chance that repeats itself."""
    return Random(seed)  # noqa: S311 — to be repeated is its purpose; nothing secret comes of it


def made_up_orders(number: int, random: Random) -> list[Order]:
    """So many orders, the same for the same random source."""
    return list(_made_up(number, random))


def _made_up(number: int, random: Random) -> Iterator[Order]:
    plentiful = sorted(PRICES.keys() - {SCARCE})
    for index in range(number):
        skus = random.sample(plentiful, k=random.randint(1, len(plentiful)))
        lines = [Line(sku, random.randint(1, 3), PRICES[sku]) for sku in skus]
        if index % SCARCE_EVERY == SCARCE_AT:
            lines.append(Line(SCARCE, 1, PRICES[SCARCE]))
        declined = index % DECLINED_EVERY == DECLINED_AT
        yield Order(
            key=f"demo-{index + 1}",
            customer=f"customer-{random.randint(1, max(1, number // 2))}",
            lines=tuple(lines),
            payment_method=DECLINED_CARD if declined else GOOD_CARD,
        )


def stock_for(orders: Sequence[Order]) -> dict[str, int]:
    """Plenty of everything, and of the scarce article enough for only half of those who want it."""
    wanted = sum(line.quantity for order in orders for line in order.lines if line.sku == SCARCE)
    skus = {line.sku for order in orders for line in order.lines}
    return {sku: wanted // 2 if sku == SCARCE else PLENTY for sku in sorted(skus)}
