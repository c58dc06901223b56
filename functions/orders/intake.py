"""Taking an order in, the same way through either door."""

from functions.orders import store
from functions.orders.domain import same_wish
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.orders import OrderCreated


def take_in(order: OrderCreated, *, cause: Cause) -> bool:
    """Create the order; answers whether it is new.

    Raises `Rejected` where its idempotency key stands for another order.
    """
    standing = store.commit_creation(order, cause=cause)
    refuse_other_wish(standing, order)
    return standing is order


def refuse_other_wish(standing: Fact, wanted: OrderCreated) -> None:
    """A key stands for one wish: raises `Rejected` where the order that stands is another."""
    if not (isinstance(standing, OrderCreated) and same_wish(standing, wanted)):
        raise Rejected("idempotency_key_reused", "the idempotency key was used for another order")
