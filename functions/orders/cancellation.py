"""What a customer does who has changed their mind: call an order back."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.orders import OrderCreated
from functions.contracts.values import is_order_id
from functions.orders.calling_back import call_back, creation_of
from functions.orders.committing import in_time
from functions.orders.domain import Status
from functions.orders.standing import standing
from functions.orders.store import AlreadyShippedError
from functions.orders.tracing import cause_of, tell
from functions.shared.contracts.envelope import Cause
from functions.shared.runtime.api import customer_of
from functions.shared.runtime.problem import ProblemError


def cancel_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`POST /orders/{id}/cancellation`: 200 once the order is cancelled, however often it is asked for.

    What was done for it is undone from then on; 409 where its parcel is on its way.
    """
    order_id = event["pathParameters"]["id"]
    cause = cause_of(event, correlation_id=_own_conversation(order_id, customer_of(event)))
    try:
        is_new = in_time(lambda: _is_cancelled_now(order_id, cause))
    except AlreadyShippedError:
        raise ProblemError("already_shipped", "the parcel is on its way and cannot be called back") from None
    tell("called back" if is_new else "called back before", order_id, cause)
    return standing(HTTPStatus.OK, order_id, Status.CANCELLED, is_new=is_new)


def _is_cancelled_now(order_id: str, cause: Cause) -> bool:
    appended = call_back(order_id, "customer_request", cause=cause)
    return appended is not None and appended.is_new


def _own_conversation(order_id: str, customer_id: str) -> str:
    """The correlation id of the customer's own order; another's order is not there."""
    created = creation_of(order_id) if is_order_id(order_id) else None
    if created and isinstance(created.fact, OrderCreated) and created.fact.customer.id == customer_id:
        return created.cause.correlation_id
    raise ProblemError("order_not_found", "there is no such order of yours")
