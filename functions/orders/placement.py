"""The two things a customer does with us: place an order, and look at it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.inbound import check_skus
from functions.contracts.orders import OrderCreated
from functions.contracts.registry import DECISIONS
from functions.contracts.values import Customer, Money, PricedLine, is_order_id
from functions.orders import catalogue, domain
from functions.orders.committing import in_time
from functions.orders.intake import stands, take_in
from functions.orders.request import OrderRequest, idempotency_key_of, order_request_of
from functions.orders.standing import standing
from functions.orders.tracing import cause_of, tell
from functions.orders.view import view
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.api import customer_of, json_response
from functions.shared.runtime.problem import ProblemCode, ProblemError

REJECTIONS: Mapping[str, tuple[ProblemCode, str | None]] = {
    "duplicate_sku": ("duplicate_sku", "/lines"),
    "idempotency_key_reused": ("idempotency_key_reused", None),  # in a header
}
"""What a rejection is to a client, and where in the body its fault lies."""


def place_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`POST /orders`: 202 with the order's id, and the same answer for the same Idempotency-Key."""
    customer_id, key = customer_of(event), idempotency_key_of(event)
    request = order_request_of(event)
    order_id = domain.order_id(customer_id, key)
    customer = Customer(id=customer_id, email=request.email)
    cause = cause_of(event, correlation_id=order_id)
    try:
        is_new = _take(request, order_id, customer, cause)
    except Rejected as rejected:
        code, pointer = REJECTIONS[rejected.code]
        raise ProblemError(code, rejected.detail, pointer) from rejected
    tell("placed" if is_new else "placed before", order_id, cause)
    return standing(HTTPStatus.ACCEPTED, order_id, domain.Status.CREATED, is_new=is_new)


def show_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /orders/{id}`: the order as its facts tell it."""
    customer_id, order_id = customer_of(event), event["pathParameters"]["id"]
    history = event_log().history(order_id, DECISIONS) if is_order_id(order_id) else []
    seen = view(history, customer_id=customer_id)
    return json_response(HTTPStatus.OK, seen)


def _take(request: OrderRequest, order_id: str, customer: Customer, cause: Cause) -> bool:
    """Take the order in; answers whether it is new."""
    try:
        order = _priced(request, order_id, customer)
    except ProblemError:
        # What we do not sell today, or not at this price, we may have sold when this was first sent.
        if stands(_unpriced(request, order_id, customer)):
            return False
        raise
    return in_time(lambda: take_in(order, cause=cause).is_new)


def _priced(request: OrderRequest, order_id: str, customer: Customer) -> OrderCreated:
    """The order at our prices; a problem where the customer was shown another total."""
    check_skus(request.lines)
    offer = _offer(request)
    total = domain.total_of(offer.lines, offer.currency)
    if request.total not in {None, total}:
        raise ProblemError("total_mismatch", "the total is not what these lines cost", "/total")
    return _order(request, order_id, customer, offer.lines, total)


def _unpriced(request: OrderRequest, order_id: str, customer: Customer) -> OrderCreated:
    """The same wish without prices, to be compared with an order that stands."""
    lines = tuple(PricedLine(sku=line.sku, quantity=line.quantity, unit_price=0) for line in request.lines)
    return _order(request, order_id, customer, lines, Money(amount=0, currency="USD"))


def _order(
    request: OrderRequest, order_id: str, customer: Customer, lines: tuple[PricedLine, ...], total: Money
) -> OrderCreated:
    return OrderCreated(
        order_id=order_id,
        customer=customer,
        ship_to=request.ship_to.as_address(),
        lines=lines,
        total=total,
        payment_method=request.payment_method,
    )


def _offer(request: OrderRequest) -> catalogue.Offer:
    try:
        return catalogue.price(request.lines)
    except catalogue.UnknownArticleError as unknown:
        raise ProblemError(
            "unknown_sku", "we do not sell this article", f"/lines/{unknown.index}/sku"
        ) from None
    except catalogue.MixedCurrenciesError:
        raise ProblemError(
            "mixed_currencies", "these articles are sold in different currencies", "/lines"
        ) from None
