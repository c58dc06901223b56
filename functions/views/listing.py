"""A customer's own orders, the newest first."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Struct

from functions.contracts.orders import OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Money, OrderId, PricedLine
from functions.shared.event_store.attributes import text, texts
from functions.shared.event_store.event_log import Decision, event_log
from functions.shared.runtime.api import customer_of, json_response
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.views import domain
from functions.views.domain import MILESTONES, Milestone, Progress
from functions.views.history import progress
from functions.views.page import Page, cursor_of, page_of

SHIPPED_ORDER: tuple[Decision, ...] = tuple(
    (fact.owner, fact.decision) for fact in (OrderCreated, ShipmentScheduled)
)
"""The decisions that distinguish a shipped order: all else follows from its shipment."""
EVERY_STEP: tuple[Decision, ...] = tuple(dict.fromkeys((fact.owner, fact.decision) for fact in MILESTONES))
OTHER_STEPS: tuple[Decision, ...] = tuple(step for step in EVERY_STEP if step not in SHIPPED_ORDER)


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
    known = _progress(ids)
    return tuple(shown for order_id in ids if (shown := summary(known[order_id])))


def _progress(ids: Sequence[str]) -> dict[str, Progress]:
    """Read the orders' events: of a shipped order, only those that differ from other shipped orders."""
    histories = event_log().histories(ids, SHIPPED_ORDER)
    others = [each for each in ids if not any(isinstance(e.fact, ShipmentScheduled) for e in histories[each])]
    for order_id, events in event_log().histories(others, OTHER_STEPS).items():
        histories[order_id] += events
    return {order_id: progress(order_id, events) for order_id, events in histories.items()}


def summary(known: Progress) -> Summary | None:
    """Return the order as the list shows it; None if it was never created."""
    if known.placed is None:
        return None
    cancelled, shipped = known.steps.get(Milestone.CANCELLED), known.steps.get(Milestone.SHIPPED)
    return Summary(
        order_id=known.order_id,
        status=domain.status(known),
        placed_at=known.steps[Milestone.CREATED].at,
        updated_at=domain.updated_at(known),
        lines=known.placed.lines,
        total=known.placed.total,
        payment=domain.payment(known),
        cancellation_reason=cancelled.detail if cancelled else None,
        tracking_number=shipped.detail if shipped else None,
    )
