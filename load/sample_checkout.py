"""Checkouts of a load test: each has a customer of its own, or the fraud check would cancel them."""

from dataclasses import dataclass

from functions.contracts.values import order_id_of
from orderbus_client import Event, new_event
from orderbus_client.events import CheckoutCompleted, EnteredAddress, PricedLine

UNIT_PRICE_MINOR = 999
EMAIL = "success@simulator.amazonses.com"
"""SES's mailbox simulator: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html"""
SHIP_TO = EnteredAddress(
    name="Ada Lovelace",
    street="12 St James's Square",
    city="London",
    postal_code="SW1Y 4JH",
    country="GB",
)


@dataclass(frozen=True, slots=True)
class SampleCheckout:
    """One cart with one line; the same run and number make the same order."""

    run: str
    number: int
    sku: str

    @property
    def key(self) -> str:
        """The idempotency key, and the customer's id."""
        return f"load-{self.run}-{self.number}"

    @property
    def order_id(self) -> str:
        """The id that the order will have, published by the stage's own account."""
        return order_id_of(self.key, self.key)

    def event(self) -> Event[CheckoutCompleted]:
        """Return the event, at the current time."""
        checkout = CheckoutCompleted(
            idempotency_key=self.key,
            customer_id=self.key,
            email=EMAIL,
            ship_to=SHIP_TO,
            currency="USD",
            payment_method="pm_card_visa",
            lines=(PricedLine(sku=self.sku, quantity=1, unit_price=UNIT_PRICE_MINOR),),
        )
        return new_event(checkout, subject=self.key, key="checkout")


def sample_checkouts(number: int, *, run: str, skus: tuple[str, ...]) -> list[SampleCheckout]:
    """Return so many checkouts of these SKUs in turn."""
    return [SampleCheckout(run, index, skus[index % len(skus)]) for index in range(number)]
