"""Entry point of the HTTP API of orders: the routes and their functions."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.registry import DECISIONS
from functions.contracts.values import is_order_id, order_id_of
from functions.orders import domain, store
from functions.orders.completion import cancel
from functions.orders.placement import place
from functions.orders.problems import PROBLEMS, ProblemCode
from functions.orders.request import cause_of, check_email, idempotency_key_of, order_request_of
from functions.orders.view import is_own, order_not_found, order_reference, view
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.log_context import LogContext, trace_id_of
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.api import Routes, api, customer_of, json_response
from functions.shared.runtime.problem import ProblemError
from functions.shared.runtime.telemetry import telemetry_of

API = "orders-api"
CONTRACTS = Path(__file__).parents[2] / "schemas"
"""The same path relative to the code, in the repository and in the bundle."""
REJECTIONS: Mapping[str, tuple[ProblemCode, str | None]] = {
    "duplicate_sku": ("duplicate_sku", "/lines"),
    "idempotency_key_reused": ("idempotency_key_reused", None),  # in a header
}
"""The problem code of each rejection, and the pointer to the field at fault."""


def place_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`POST /orders`: 202 with the order's id; the same response for the same Idempotency-Key."""
    customer_id, key = customer_of(event), idempotency_key_of(event)
    request = order_request_of(event)
    check_email(request, event)
    order_id = order_id_of(customer_id, key)
    cause = cause_of(event, correlation_id=order_id)
    requested = request.of_customer(customer_id, order_id=order_id)
    try:
        is_new = place(requested, shown_total=request.total, cause=cause)
    except Rejected as rejected:
        code, pointer = REJECTIONS[rejected.code]
        raise ProblemError(code, rejected.detail, pointer) from rejected
    _log_success("order placed" if is_new else "order already placed", order_id, cause)
    return order_reference(HTTPStatus.ACCEPTED, order_id, domain.OrderStatus.CREATED, is_new=is_new)


def show_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /orders/{id}`: the order as its facts describe it."""
    customer_id, order_id = customer_of(event), event["pathParameters"]["id"]
    history = event_log().history(order_id, DECISIONS) if is_order_id(order_id) else []
    return json_response(HTTPStatus.OK, view(history, customer_id=customer_id))


def cancel_order(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`POST /orders/{id}/cancellation`: 200 once the order is cancelled; 409 if it is shipped.

    The same response for a repeated request. Releases and refunds follow.
    """
    customer_id, order_id = customer_of(event), event["pathParameters"]["id"]
    created = store.creation_of(order_id) if is_order_id(order_id) else None
    if created is None or not is_own(created.fact, customer_id):
        raise order_not_found()
    cause = cause_of(event, correlation_id=created.cause.correlation_id)
    try:
        appended = cancel(created.fact, "customer_request", cause=cause)
    except domain.AlreadyShippedError:
        raise ProblemError("already_shipped", "the parcel is on its way and cannot be cancelled") from None
    is_new = appended is not None and appended.is_new
    _log_success("order cancelled" if is_new else "order already cancelled", order_id, cause)
    return order_reference(HTTPStatus.OK, order_id, domain.OrderStatus.CANCELLED, is_new=is_new)


def show_http_contract(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /openapi.json`: the OpenAPI document of the whole HTTP API."""
    return _contract("openapi.json")


def show_event_contract(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /asyncapi.json`: the AsyncAPI document of both buses and their events."""
    return _contract("asyncapi.json")


def _contract(file: str) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    return {"statusCode": int(HTTPStatus.OK), "headers": headers, "body": _text_of(file)}


@cache
def _text_of(file: str) -> str:
    return (CONTRACTS / file).read_text(encoding="utf-8")


def _log_success(message: str, order_id: str, cause: Cause) -> None:
    """Log a successful request if its order is in the sample."""
    telemetry, correlation_id = telemetry_of(API), cause.correlation_id
    if telemetry.logs_successes_of(correlation_id):
        trace_id = trace_id_of(cause.traceparent)
        context = LogContext(subject=order_id, correlation_id=correlation_id, trace_id=trace_id)
        telemetry.logger.info(message, **context.as_fields(), causation_id=cause.id)


ROUTES: Routes = {
    "POST /orders": place_order,
    "GET /orders/{id}": show_order,
    "POST /orders/{id}/cancellation": cancel_order,
    "GET /openapi.json": show_http_contract,
    "GET /asyncapi.json": show_event_contract,
}

handle = api(API, ROUTES, problems=PROBLEMS)
