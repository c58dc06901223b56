"""The paths of an order without faults; crashes.py adds a crash at any place of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pocketcloud import OfflineCloud
from tests.workflow.shop import ADDRESS, PREFIX, Shop, a_checkout, an_order, checkout_entry

ACCEPTED, CANCELLED, SHIPPED = 202, 200, 409
TRIES = 5
FREE = [{"sku": "CUP", "quantity": 1, "unit_price": 0}]


@dataclass(frozen=True, slots=True)
class Path:
    """A path; `go` returns the final status of the order, or None if both are possible."""

    name: str
    go: Callable[[Shop], str | None]


def shipped(shop: Shop) -> str:
    _placed(shop)
    return "shipped"


def free(shop: Shop) -> str:
    shop.cloud.put_events([checkout_entry(a_checkout(lines=FREE))])
    return "shipped"


def out_of_stock(shop: Shop) -> str:
    _placed(shop, lines=[{"sku": "CUP", "quantity": 1}, {"sku": "TEAPOT", "quantity": 9}])
    return "cancelled"


def declined(shop: Shop) -> str:
    _placed(shop, payment_method="pm_card_chargeDeclined")
    return "cancelled"


def cancelled_at_once(shop: Shop) -> str:
    return _cancelled(shop, _placed(shop))


def cancelled_when_paid(shop: Shop) -> str:
    order_id = _placed(shop)
    for _ in range(200):
        if "PaymentProcessed" in shop.facts(order_id):
            break
        shop.cloud.advance(milliseconds=100)
    return _cancelled(shop, order_id)


def timed_out(shop: Shop) -> str | None:
    """Let the queue of payments be out until the order times out."""
    queue = f"queue/{PREFIX}-payments"
    shop.cloud.outages.add(queue)
    _placed(shop)
    shop.cloud.advance(minutes=17)
    shop.cloud.outages.discard(queue)
    return None


def suspected(shop: Shop) -> None:
    """Place an order that fraud suspects; the latencies decide whether it is shipped first."""
    _placed(shop, ship_to={**ADDRESS, "country": "KP"})


PATHS = tuple(
    Path(go.__name__.replace("_", " "), go)
    for go in (
        shipped,
        free,
        out_of_stock,
        declined,
        cancelled_at_once,
        cancelled_when_paid,
        timed_out,
        suspected,
    )
)


def _placed(shop: Shop, **changes: Any) -> str:
    """Place an order; the client retries with the same key."""
    return str(_retried(lambda: shop.post(an_order(**changes)), {ACCEPTED}).json()["order_id"])


def _cancelled(shop: Shop, order_id: str) -> str:
    path = f"/orders/{order_id}/cancellation"
    reply = _retried(lambda: shop.cloud.http("POST", path, customer="ada"), {CANCELLED, SHIPPED})
    return "cancelled" if reply.status == CANCELLED else "shipped"


def _retried(ask: Callable[[], Any], statuses: set[int]) -> Any:
    for _ in range(TRIES):
        reply = ask()
        if reply.status in statuses:
            return reply
    raise AssertionError(reply.body)


def opened(cloud: OfflineCloud) -> Shop:
    """Return a shop on an emptied cloud."""
    cloud.reset()
    shop = Shop(cloud)
    shop.open()
    return shop
