"""A customer of the orders API: requests and responses in API Gateway's form.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.orders.api import handle
from tests.unit.functions.builders import Context

PATH = "/orders"
BASKET: Mapping[str, Any] = {
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
}
"""The body of a request that is as it should be."""


@dataclass(frozen=True)
class Reply:
    """The response of the function."""

    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Return the problem's code."""
        assert self.headers["content-type"] == "application/problem+json"
        code: str = self.json()["code"]
        return code

    @property
    def pointers(self) -> list[str]:
        """The fields at fault."""
        return [error["pointer"] for error in self.json().get("errors", [])]


def a_request(
    route: str,
    path: str,
    *,
    customer: str | None = "ada",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A request in payload format 2.0."""
    claims = {} if customer is None else {"sub": customer, "iss": "https://login.example.com"}
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers or {}),
        "requestContext": {
            "accountId": "123456789012",
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
        },
        "isBase64Encoded": False,
        **more,
    }


def ask(event: dict[str, Any], context: Context | None = None) -> Reply:
    response = handle(event, context or Context())
    return Reply(response["statusCode"], response["headers"], response["body"])


def post(
    body: str | None,
    *,
    key: str | None = "k-1",
    content_type: str | None = "application/json",
    customer: str | None = "ada",
    context: Context | None = None,
    **more: Any,
) -> Reply:
    """`POST /orders` with this body."""
    given = {"idempotency-key": key, "content-type": content_type, **more.pop("headers", {})}
    headers = {name: value for name, value in given.items() if value is not None}
    more = more if body is None else {"body": body, **more}
    return ask(a_request("POST /orders", PATH, customer=customer, headers=headers, **more), context)


def place(key: str | None = "k-1", *, customer: str | None = "ada", **changes: Any) -> Reply:
    """`POST /orders` with the basket, changed as asked."""
    return post(json.dumps({**BASKET, **changes}), key=key, customer=customer)


def look(order_id: str, *, customer: str | None = "ada") -> Reply:
    """`GET /orders/{id}`."""
    return ask(
        a_request(
            "GET /orders/{id}", f"{PATH}/{order_id}", customer=customer, pathParameters={"id": order_id}
        )
    )


def cancel(order_id: str, *, customer: str = "ada", context: Context | None = None) -> Reply:
    """`POST /orders/{id}/cancellation`."""
    path, route = f"{PATH}/{order_id}/cancellation", "POST /orders/{id}/cancellation"
    return ask(a_request(route, path, customer=customer, pathParameters={"id": order_id}), context)
