"""Taking an order in, the same way through either door."""

from functions.contracts.orders import OrderCreated
from functions.orders import store
from functions.orders.domain import same_wish
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.event_log import Appended, event_log


def take_in(order: OrderCreated, *, cause: Cause) -> Appended:
    """Create the order; returns the order that stands under its id.

    Raises `Rejected` where its idempotency key stands for another order.
    """
    appended = store.commit_creation(order, cause=cause)
    _refuse_other_wish(appended.event.fact, order)
    return appended


def stands(wanted: OrderCreated) -> bool:
    """Whether just this order was taken in before; raises `Rejected` where its key stands for another."""
    standing = event_log().recorded(wanted.order_id, store.CREATION)
    if standing is not None:
        _refuse_other_wish(standing.fact, wanted)
    return standing is not None


def _refuse_other_wish(standing: Fact, wanted: OrderCreated) -> None:
    if not (isinstance(standing, OrderCreated) and same_wish(standing, wanted)):
        raise Rejected("idempotency_key_reused", "the idempotency key was used for another order")
