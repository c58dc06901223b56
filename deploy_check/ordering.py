"""The steps in which a customer orders."""

from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.shop import BAD_CARD, GOOD_CARD

SHIPPED = {"OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"}
SHIPPED_LETTERS = 3
"""That it came in, that it is paid for, that it is on its way."""
CANCELLED = {"OrderCreated", "InventoryReserved", "PaymentDeclined", "OrderCancelled", "InventoryReleased"}
CANCELLED_LETTERS = 2
"""That it came in, that it is cancelled."""


def refuse_strangers(check: Deployment) -> str:
    """No token and a token with a broken signature are refused at the door."""
    for token in (None, check.token[:-8] + "AAAAAAAA"):
        reply = check.shop.post(key="stranger", card=GOOD_CARD, token=token)
        require(met=reply.status == 401, otherwise=f"a stranger got {reply.status} {reply.body}")  # noqa: PLR2004 - HTTP
    return "401, 401"


def ship(check: Deployment, key: str = "shipped") -> str:
    """An order goes from checkout to shipment, is paid for once, and asking again is the same order."""
    before = check.shop.available()
    order = check.shop.place(key=key, card=GOOD_CARD, token=check.token)
    way = check.shop.follow(order, to=SHIPPED, letters=SHIPPED_LETTERS)
    again = check.shop.place(key=key, card=GOOD_CARD, token=check.token)
    require(met=again == order, otherwise=f"the same key made another order, {again}")
    _require_end(check, order, state="shipped", available=before - 1)
    return way


def cancel(check: Deployment) -> str:
    """An order whose card is declined is cancelled, and its piece is for sale again."""
    before = check.shop.available()
    order = check.shop.place(key="declined", card=BAD_CARD, token=check.token)
    way = check.shop.follow(order, to=CANCELLED, letters=CANCELLED_LETTERS)
    _require_end(check, order, state="cancelled", available=before)
    return way


def _require_end(check: Deployment, order: str, *, state: str, available: int) -> None:
    told, left = check.shop.state(order, token=check.token), check.shop.available()
    require(met=told == state, otherwise=f"GET /orders/{order} says {told}, not {state}")
    require(met=left == available, otherwise=f"{left} pieces are for sale, not {available}")
