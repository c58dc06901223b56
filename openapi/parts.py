"""What several routes share: headers, parameters, who may ask, and the answers that are API Gateway's own."""

from http import HTTPStatus
from typing import Any

import msgspec

from functions.contracts.values import IdempotencyKey, OrderId
from functions.views.page import LONGEST_CURSOR, MAXIMUM, USUAL

PROBLEM, GATEWAY = "Problem", "GatewayMessage"
REPLAYED, RETRY, CHALLENGE = "IdempotentReplayed", "RetryAfter", "Challenge"

BY_GATEWAY = {
    HTTPStatus.UNAUTHORIZED: "no token, or none to be believed",
    HTTPStatus.FORBIDDEN: "a token without the scope",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "a body of more than ten megabytes",
    HTTPStatus.TOO_MANY_REQUESTS: "more requests than the stage allows",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "more than 10,240 bytes of headers",
    HTTPStatus.INTERNAL_SERVER_ERROR: "a defect of ours",
    HTTPStatus.SERVICE_UNAVAILABLE: "the function could not be asked, or took too long",
}
"""What API Gateway answers by itself, before a function or instead of one, and why."""

HEADERS: dict[str, Any] = {
    REPLAYED: {
        "description": "This was decided before; the answer is the first one's.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    RETRY: {
        "description": "Seconds after which to ask again, with the same key.",
        "schema": {"type": "integer", "minimum": 1},
    },
    CHALLENGE: {
        "description": "What is wrong with the token (RFC 6750). API Gateway sends it, we do not.",
        "schema": {"type": "string"},
    },
}

SECURITY: dict[str, Any] = {
    "customer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the stage's issuer, with the scope that the stage asks for. "
        "Its `sub` is the customer, or leads to its id; nothing in a request says who asks.",
    }
}


def reference(kind: str, name: str) -> dict[str, str]:
    """A reference to one of the document's components."""
    return {"$ref": f"#/components/{kind}/{name}"}


def parameters() -> dict[str, Any]:
    """The parameters, by their names in the document."""
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The client's own name for this wish. Sent again, it means the same order.",
            "schema": msgspec.json.schema(IdempotencyKey),
            "example": "basket-7f3",
        },
        "OrderId": {
            "name": "id",
            "in": "path",
            "required": True,
            "description": "What is no id of the caller's own order is not found.",
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
            "description": "The `next_cursor` of the page before, as it came.",
            "schema": {"type": "string", "maxLength": LONGEST_CURSOR, "pattern": "^[A-Za-z0-9_-]+$"},
        },
    }


class GatewayMessage(msgspec.Struct):
    """What API Gateway says by itself."""

    message: str
