"""Where an order stands, as whoever has just placed or cancelled it is told."""

from http import HTTPStatus
from typing import Any

from msgspec import Struct

from functions.contracts.values import OrderId
from functions.orders.domain import Status
from functions.shared.runtime.api import json_response

REPLAYED = "idempotent-replayed"


class Standing(Struct, frozen=True, kw_only=True):
    """The body of `POST /orders` and of its cancellation; `status_url` leads to the whole order."""

    order_id: OrderId
    status: Status
    status_url: str


def standing(http: HTTPStatus, order_id: str, status: Status, *, is_new: bool) -> dict[str, Any]:
    """The answer, the same however often it is asked for, but for a header that says so."""
    said = json_response(http, Standing(order_id=order_id, status=status, status_url=f"/orders/{order_id}"))
    if not is_new:
        said["headers"][REPLAYED] = "true"
    return said
