"""The contract of every route, by its key in the topology."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, get_args

from functions.analytics.api import LiveAnalytics
from functions.orders.problems import ProblemCode
from functions.orders.request import ExactRequest
from functions.orders.view import OrderReference, OrderView
from functions.shared.runtime.strict_json import FaultCode
from functions.views.listing import Listing
from functions.views.page import cursor_of
from openapi.operation import Operation

ORDER = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
LINES = [
    {"sku": "TEAPOT", "quantity": 1, "unit_price": 2499},
    {"sku": "CUP", "quantity": 4, "unit_price": 650},
]
TOTAL = {"amount": 5099, "currency": "GBP"}
REQUEST: dict[str, Any] = {
    "lines": [{"sku": "TEAPOT", "quantity": 1}, {"sku": "CUP", "quantity": 4}],
    "email": "ada@example.com",
    "ship_to": {
        "name": "Ada Lovelace",
        "street": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
    "payment_method": "pm_card_visa",
    "total": TOTAL,
    "gift_message": "Happy birthday, Charles!",
}
FIGURES = {
    "orders": 1,
    "revenue_minor": {"GBP": 5099},
    "units": {"CUP": 4, "TEAPOT": 1},
    "cancelled": {},
    "events": {"InventoryReserved": 1, "OrderCreated": 1},
    "shipped_after_seconds": {"p50": None, "p95": None},
    "restated": 0,
}

ALWAYS: tuple[ProblemCode, ...] = ("token_without_subject", "unavailable")
BODY: tuple[ProblemCode, ...] = (
    *get_args(FaultCode),
    "base64_invalid",
    "body_missing",
    "body_too_large",
    "content_encoding",
    "content_type",
    "extra_forbidden",
    "invalid",
    "json_no_object",
)

OPERATIONS: Mapping[str, Operation] = {
    "POST /orders": Operation(
        id="placeOrder",
        summary="Place an order at catalogue prices; the same key means the same order.",
        request=ExactRequest,
        request_example=REQUEST,
        success=HTTPStatus.ACCEPTED,
        response=OrderReference,
        example={"order_id": ORDER, "status": "created", "status_url": f"/orders/{ORDER}"},
        replays=True,
        parameters=("IdempotencyKey",),
        problems=(
            *ALWAYS,
            *BODY,
            "idempotency_key_missing",
            "idempotency_key_invalid",
            "idempotency_key_reused",
            "duplicate_sku",
            "unknown_sku",
            "mixed_currencies",
            "total_mismatch",
            "email_not_verified",
            "too_many_orders",
            "out_of_time",
        ),
    ),
    "GET /orders": Operation(
        id="listOrders",
        summary="The caller's own orders, the newest first, a page at a time.",
        success=HTTPStatus.OK,
        response=Listing,
        example={
            "orders": [
                {
                    "order_id": ORDER,
                    "status": "confirmed",
                    "placed_at": "2026-11-23T10:00:01.000000Z",
                    "updated_at": "2026-11-23T10:00:04.000000Z",
                    "lines": LINES,
                    "total": TOTAL,
                    "payment": "paid",
                }
            ],
            "next_cursor": cursor_of(f"2026-11-23T10:00:01.000000Z#{ORDER}"),
        },
        parameters=("Limit", "Cursor"),
        problems=(*ALWAYS, "limit_invalid", "cursor_invalid"),
    ),
    "GET /orders/{id}": Operation(
        id="showOrder",
        summary="One of the caller's own orders, with its history.",
        success=HTTPStatus.OK,
        response=OrderView,
        example={
            "order_id": ORDER,
            "status": "created",
            "lines": LINES,
            "total": TOTAL,
            "history": [{"type": "OrderCreated", "time": "2026-11-23T10:00:01.000000Z"}],
        },
        parameters=("OrderId",),
        problems=(*ALWAYS, "order_not_found"),
    ),
    "POST /orders/{id}/cancellation": Operation(
        id="cancelOrder",
        summary="Cancel an order, release its stock and refund it, unless it has shipped.",
        success=HTTPStatus.OK,
        response=OrderReference,
        example={"order_id": ORDER, "status": "cancelled", "status_url": f"/orders/{ORDER}"},
        replays=True,
        parameters=("OrderId",),
        problems=(*ALWAYS, "order_not_found", "already_shipped", "out_of_time"),
    ),
    "GET /analytics": Operation(
        id="showAnalytics",
        summary="The live figures per minute, for operators; only where the ordered stream is on.",
        success=HTTPStatus.OK,
        response=LiveAnalytics,
        example={
            "watermark": "2026-11-23T10:31",
            "complete_until": "2026-11-23T10:21",
            "total": FIGURES,
            "minutes": [{"minute": "2026-11-23T10:00", **FIGURES}],
        },
        parameters=("From", "To", "Minutes"),
        problems=("operators_only", "window_invalid", "limit_invalid", "unavailable"),
        for_operators=True,
    ),
    "GET /openapi.json": Operation(
        id="showContract",
        summary="This document.",
        success=HTTPStatus.OK,
        response=None,
        example={"openapi": "3.1.1", "info": {"title": "Orderbus", "version": "1"}, "paths": {}},
    ),
    "GET /asyncapi.json": Operation(
        id="showEventContract",
        summary="The AsyncAPI document of both event buses.",
        success=HTTPStatus.OK,
        response=None,
        example={"asyncapi": "3.1.0", "info": {"title": "Orderbus", "version": "1"}, "channels": {}},
    ),
}
