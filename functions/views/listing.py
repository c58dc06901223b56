"""A customer's own orders, the newest first."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Struct

from functions.contracts.values import Money, OrderId, PricedLine
from functions.shared.event_store.attributes import text, texts
from functions.shared.event_store.event_log import whole
from functions.shared.runtime.api import customer_of, json_response
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.views import domain
from functions.views.domain import Milestone, Progress
from functions.views.page import Page, cursor_of, page_of
from functions.views.store import progress_of


class Summary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One order of the list."""

    order_id: OrderId
    status: Milestone
    placed_at: str
    updated_at: str
    lines: tuple[PricedLine, ...]
    total: Money
    payment: Milestone | None = None
    cancellation_reason: str | None = None
    tracking_number: str | None = None


class Listing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of `GET /orders`; where there are older orders, `next_cursor` leads to them."""

    orders: tuple[Summary, ...]
    next_cursor: str | None = None


def list_orders(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /orders`: return one page of the orders of the caller."""
    customer_id, page = customer_of(event), page_of(event)
    # Read one more than the page shows, to know whether there is another page.
    positions = _positions(customer_id, page)
    shown = positions[: page.limit]
    more = cursor_of(shown[-1]) if len(positions) > page.limit else None
    return json_response(HTTPStatus.OK, Listing(orders=_summaries(shown), next_cursor=more))


def _positions(customer_id: str, page: Page) -> list[str]:
    after: dict[str, Any] = {}
    if page.after:
        after["ExclusiveStartKey"] = texts(customer_id=customer_id, position=page.after)
    found = dynamodb().query(
        TableName=required("LISTINGS_TABLE"),
        KeyConditionExpression="customer_id = :customer",
        ExpressionAttributeValues={":customer": text(customer_id)},
        ScanIndexForward=False,
        Limit=page.limit + 1,
        ConsistentRead=True,
        **after,
    )
    return [item["position"]["S"] for item in found["Items"]]


def _summaries(positions: Sequence[str]) -> tuple[Summary, ...]:
    ids = [position.rpartition("#")[2] for position in positions]
    known = _progress(ids) if ids else {}
    return tuple(summary for order_id in ids if (summary := _summary(known.get(order_id))))


def _progress(ids: Sequence[str]) -> dict[str, Progress]:
    table = required("PROGRESS_TABLE")
    keys = [texts(order_id=order_id) for order_id in ids]
    found = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    return {progress.order_id: progress for progress in map(progress_of, whole(found)[table])}


def _summary(progress: Progress | None) -> Summary | None:
    """Return the summary, or None while a rebuild has not reached the order."""
    if progress is None or progress.placed is None:
        return None
    cancelled, shipped = progress.steps.get(Milestone.CANCELLED), progress.steps.get(Milestone.SHIPPED)
    return Summary(
        order_id=progress.order_id,
        status=domain.status(progress),
        placed_at=progress.steps[Milestone.CREATED].at,
        updated_at=domain.updated_at(progress),
        lines=progress.placed.lines,
        total=progress.placed.total,
        payment=domain.payment(progress),
        cancellation_reason=cancelled.detail if cancelled else None,
        tracking_number=shipped.detail if shipped else None,
    )
