"""The steps in which a customer places orders."""

from http import HTTPStatus

from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.shop import BAD_CARD, GOOD_CARD

SHIPPED = {"OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"}
SHIPPED_EMAILS = 3
"""Order received, paid and shipped."""
CANCELLED = {"OrderCreated", "InventoryReserved", "PaymentDeclined", "OrderCancelled", "InventoryReleased"}
CANCELLED_EMAILS = 2
"""Order received and cancelled."""


def reject_invalid_tokens(check: Deployment) -> str:
    """Check that requests without a token or with a broken signature get 401."""
    for token in (None, check.token[:-8] + "AAAAAAAA"):
        response = check.shop.post(key="invalid-token", card=GOOD_CARD, token=token)
        require(
            met=response.status == HTTPStatus.UNAUTHORIZED,
            otherwise=f"an invalid token got {response.status} {response.body}",
        )
    return "401, 401"


def ship(check: Deployment, key: str = "shipped") -> str:
    """Ship an order; repeat its request, and get the same order."""
    before = check.shop.available()
    order = check.shop.place(key=key, card=GOOD_CARD, token=check.token)
    facts = check.shop.follow(order, to=SHIPPED, emails=SHIPPED_EMAILS)
    again = check.shop.place(key=key, card=GOOD_CARD, token=check.token)
    require(met=again == order, otherwise=f"the same key made another order, {again}")
    _require_state(check, order, state="shipped", available=before - 1)
    return facts


def cancel(check: Deployment) -> str:
    """Cancel an order with a declined card, and release its stock."""
    before = check.shop.available()
    order = check.shop.place(key="declined", card=BAD_CARD, token=check.token)
    facts = check.shop.follow(order, to=CANCELLED, emails=CANCELLED_EMAILS)
    _require_state(check, order, state="cancelled", available=before)
    return facts


def _require_state(check: Deployment, order: str, *, state: str, available: int) -> None:
    actual, left = check.shop.state(order, token=check.token), check.shop.available()
    require(met=actual == state, otherwise=f"GET /orders/{order} returns {actual}, not {state}")
    require(met=left == available, otherwise=f"{left} items are for sale, not {available}")
