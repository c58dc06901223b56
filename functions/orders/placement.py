"""Creation of orders: one per customer and idempotency key, from the HTTP API or from a partner."""

from functions.contracts.inbound import check_skus
from functions.contracts.orders import OrderCreated
from functions.contracts.values import Money
from functions.orders import domain, pricing, store
from functions.orders.domain import RequestedOrder
from functions.orders.placements import TooManyOrdersError
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.event_log import Appended
from functions.shared.runtime.problem import ProblemError


def place(requested: RequestedOrder, *, shown_total: Money | None, cause: Cause) -> bool:
    """Create the order at the catalogue's prices; return False if it exists already.

    Raises:
        ProblemError: the catalogue has no price for the order, its total is not the one shown, or the
            customer places too many orders, or has too many open.
        Rejected: two lines have the same SKU, or the idempotency key belongs to another order.
    """
    check_skus(requested.lines)
    try:
        order = _priced(requested, shown_total)
    except ProblemError:
        # The catalogue may have changed since the first request with this key.
        if _exists(requested):
            return False
        raise
    try:
        return create(order, cause=cause, limited=True).is_new
    except TooManyOrdersError as error:
        raise ProblemError("too_many_orders", error.detail, retry_after_seconds=error.seconds_left) from error


def create(order: OrderCreated, *, cause: Cause, limited: bool = False) -> Appended:
    """Create the order, or return the existing one; `limited` counts it for its customer.

    Raises:
        Rejected: the idempotency key belongs to another order.
    """
    appended = store.commit_creation(order, cause=cause, limited=limited)
    _require_same_order(appended.event.fact, order)
    return appended


def _priced(requested: RequestedOrder, shown_total: Money | None) -> OrderCreated:
    quote = pricing.quote(requested.lines)
    order = domain.create(requested, quote.lines, quote.currency)
    if shown_total not in {None, order.total}:
        raise ProblemError("total_mismatch", "the total is not what these lines cost", "/total")
    return order


def _exists(requested: RequestedOrder) -> bool:
    existing = store.creation_of(requested.order_id)
    if existing is not None:
        _require_same_order(existing.fact, requested)
    return existing is not None


def _require_same_order(existing: Fact, requested: OrderCreated | RequestedOrder) -> None:
    is_same = isinstance(existing, OrderCreated) and domain.same_order(existing, requested)
    if not is_same:
        raise Rejected("idempotency_key_reused", "the idempotency key was used for another order")
