"""The deployed stage as a customer sees it: stock, orders over the API, and emails."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from deploy_check.endpoint import HOST, Endpoint
from deploy_check.failure import CheckError, require
from infrastructure.names import Names

EMAIL = "ada@example.com"
SKU, PRICE, STOCK = "TEAPOT", 2499, 50
TIMEOUT_SECONDS = 90.0
"""The first order waits for the cold starts of seven functions."""

GOOD_CARD, BAD_CARD = "pm_card_visa", "pm_card_chargeDeclined"


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response of the HTTP API."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The deployed stage, by its API and its tables."""

    endpoint: Endpoint
    names: Names
    api_url: str

    @property
    def host(self) -> str:
        """Return the API's host name."""
        return urlsplit(self.api_url).netloc

    def seed(self) -> str:
        """Write a price to the catalogue, and a quantity to the stock."""
        tables = self.endpoint.client("dynamodb")
        row = {"sku": {"S": SKU}, "unit_price": {"N": str(PRICE)}, "currency": {"S": "GBP"}}
        tables.put_item(TableName=self.names.of("catalogue"), Item=row)
        stock = {"sku": {"S": SKU}, "available": {"N": str(STOCK)}}
        tables.put_item(TableName=self.names.of("stock"), Item=stock)
        return f"{STOCK} items of {SKU} at {PRICE} pence"

    def post(self, *, key: str, card: str, token: str | None, quantity: int = 1) -> ApiResponse:
        """Send `POST /orders`."""
        order = {
            "lines": [{"sku": SKU, "quantity": quantity}],
            "email": EMAIL,
            "ship_to": {
                "name": "Ada Lovelace",
                "street": "12 St James's Square",
                "city": "London",
                "postal_code": "SW1Y 4JH",
                "country": "GB",
            },
            "payment_method": card,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._request("POST", "/orders", token=token, headers=headers, body=json.dumps(order))

    def place(self, *, key: str, card: str, token: str, quantity: int = 1) -> str:
        """Place an order that must be accepted, and return its id."""
        response = self.post(key=key, card=card, token=token, quantity=quantity)
        require(
            met=response.status == HTTPStatus.ACCEPTED,
            otherwise=f"POST /orders: {response.status} {response.body}",
        )
        return str(json.loads(response.body)["order_id"])

    def state(self, order: str, *, token: str) -> str:
        """Return the order's status from `GET /orders/{id}`."""
        response = self._request("GET", f"/orders/{order}", token=token, headers={})
        require(
            met=response.status == HTTPStatus.OK,
            otherwise=f"GET /orders/{order}: {response.status} {response.body}",
        )
        return str(json.loads(response.body)["status"])

    def facts(self, order: str) -> list[str]:
        """Return the facts of the order, oldest first."""
        return [event["type"] for event in self.events(order)]

    def events(self, order: str) -> list[dict[str, Any]]:
        """Return the order's events from the event log, oldest first."""
        pages = self.endpoint.client("dynamodb").get_paginator("scan")
        rows = [row for page in pages.paginate(TableName=self.names.event_log) for row in page["Items"]]
        events = [json.loads(row["event"]["S"]) for row in rows if row["pk"]["S"].endswith(f"#{order}")]
        return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))

    def emails(self, order: str) -> list[str]:
        """Return the subjects of the emails about the order, from the endpoint's mailbox."""
        response = self._request("GET", "/_ministack/ses/messages", token=None, headers={"Host": HOST})
        boxes = json.loads(response.body)["messages"].values()
        return [email["Subject"] for box in boxes for email in box if order in email["Subject"]]

    def available(self) -> int:
        """Return the stock of the SKU."""
        key = {"sku": {"S": SKU}}
        row = self.endpoint.client("dynamodb").get_item(TableName=self.names.of("stock"), Key=key)
        return int(row["Item"]["available"]["N"])

    def follow(self, order: str, *, to: set[str], emails: int) -> str:
        """Wait for these facts and this number of emails; return a summary."""
        started = time.monotonic()
        wait_until(
            lambda: to <= set(self.facts(order)) and len(self.emails(order)) >= emails,
            otherwise=lambda: f"order {order} got no further than {self.facts(order)}, {self.emails(order)}",
        )
        facts, sent = self.facts(order), self.emails(order)
        require(met=len(sent) == emails, otherwise=f"order {order}: {len(sent)} emails, not {emails}: {sent}")
        return f"{' → '.join(facts)} in {time.monotonic() - started:.1f} s, {emails} emails"

    def _request(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        headers: Mapping[str, str],
        body: str | None = None,
    ) -> ApiResponse:
        """Send a request to the endpoint with the API's host name, unless a header has another."""
        sent = {"Host": self.host, **headers}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return ApiResponse(response.status, response.read().decode())
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if trust := self.endpoint.trust:
            return HTTPSConnection(HOST, self.endpoint.port, timeout=35, context=trust)
        return HTTPConnection(HOST, self.endpoint.port, timeout=35)


def wait_until(
    met: Callable[[], Any], *, otherwise: Callable[[], str], timeout: float = TIMEOUT_SECONDS
) -> None:
    """Poll until the condition is met; raise CheckError with the message after `timeout` seconds."""
    until = time.monotonic() + timeout
    while not met():
        if time.monotonic() > until:
            raise CheckError(f"{otherwise()} within {timeout:.0f} s")
        time.sleep(0.25)
