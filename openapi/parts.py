"""The shared parts of routes: headers, parameters, security, and API Gateway's own responses."""

from http import HTTPStatus
from typing import Any

import msgspec

from functions.analytics.window import MAXIMUM_MINUTES_SHOWN, TIME, USUAL_MINUTES
from functions.contracts.values import IdempotencyKey, OrderId
from functions.views.page import MAXIMUM, MAXIMUM_CURSOR_LENGTH, USUAL

PROBLEM, GATEWAY = "Problem", "GatewayMessage"
REPLAYED, RETRY, CHALLENGE = "IdempotentReplayed", "RetryAfter", "Challenge"

BY_GATEWAY = {
    HTTPStatus.UNAUTHORIZED: "no token, or an invalid one",
    HTTPStatus.FORBIDDEN: "a token without the scope",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "a body of more than ten megabytes",
    HTTPStatus.TOO_MANY_REQUESTS: "more requests than the stage allows",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "more than 10,240 bytes of headers",
    HTTPStatus.INTERNAL_SERVER_ERROR: "a defect of the service",
    HTTPStatus.SERVICE_UNAVAILABLE: "the function could not be invoked, or took too long",
}
"""The responses of API Gateway itself, before or instead of a function, and their reasons."""

HEADERS: dict[str, Any] = {
    REPLAYED: {
        "description": "This request was decided before; the response is the first one.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    RETRY: {
        "description": "Seconds after which to retry, with the same key.",
        "schema": {"type": "integer", "minimum": 1},
    },
    CHALLENGE: {
        "description": "The fault of the token (RFC 6750). API Gateway sends it, the functions do not.",
        "schema": {"type": "string"},
    },
}

SECURITY: dict[str, Any] = {
    "customer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the stage's issuer, with the scope that the stage requires. "
        "Its `sub` is the customer, or leads to the customer's id; nothing else identifies the caller.",
    },
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token as a customer's, of a user in the group `operators` of the stage's "
        "user pool; of another issuer, a token with the scope that the stage requires of operators.",
    },
}


WINDOW: dict[str, Any] = {
    "From": {
        "name": "from",
        "in": "query",
        "description": "The first minute, in UTC; half an hour before `to` by default.",
        "schema": {"type": "string", "pattern": TIME},
        "example": "2026-11-23T10:00Z",
    },
    "To": {
        "name": "to",
        "in": "query",
        "description": "The last minute, in UTC, at most 24 hours after `from`; now by default.",
        "schema": {"type": "string", "pattern": TIME},
        "example": "2026-11-23T10:30Z",
    },
    "Minutes": {
        "name": "limit",
        "in": "query",
        "description": "The most minutes in the response; `next_from` leads to the others.",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAXIMUM_MINUTES_SHOWN,
            "default": USUAL_MINUTES,
        },
    },
}
"""The parameters of `GET /analytics`."""


def reference(kind: str, name: str) -> dict[str, str]:
    """Return a reference to one of the document's components."""
    return {"$ref": f"#/components/{kind}/{name}"}


def parameters() -> dict[str, Any]:
    """Return the parameters by their names in the document."""
    return {
        **WINDOW,
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The client's own name for this request. Sent again, it means the same order.",
            "schema": msgspec.json.schema(IdempotencyKey),
            "example": "basket-7f3",
        },
        "OrderId": {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "The id of one of the caller's own orders; any other is not found.",
            "schema": msgspec.json.schema(OrderId),
        },
        "Limit": {
            "name": "limit",
            "in": "query",
            "description": "Orders in a page.",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAXIMUM, "default": USUAL},
        },
        "Cursor": {
            "name": "cursor",
            "in": "query",
            "description": "The `next_cursor` of the previous page, unchanged.",
            "schema": {"type": "string", "maxLength": MAXIMUM_CURSOR_LENGTH, "pattern": "^[A-Za-z0-9_-]+$"},
        },
    }


class GatewayMessage(msgspec.Struct):
    """A response of API Gateway itself."""

    message: str
