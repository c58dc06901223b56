"""A customer of the deployed system: goods in its tables, orders through its API, letters in its mailbox."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from deploy_check.endpoint import HOST, Endpoint
from deploy_check.failure import CheckError, require
from infrastructure.names import Names

EMAIL = "ada@example.com"
SKU, PRICE, STOCK = "TEAPOT", 2499, 50
PATIENCE = 90.0
"""Seconds; the first order of all wakes seven functions, one after the other."""

GOOD_CARD, BAD_CARD = "pm_card_visa", "pm_card_chargeDeclined"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the HTTP API answered."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The deployed stage, seen from outside and, for what became of an order, in its tables."""

    endpoint: Endpoint
    names: Names
    api_url: str

    @property
    def host(self) -> str:
        """The API's own name."""
        return urlsplit(self.api_url).netloc

    def open(self) -> str:
        """Put a price into the catalogue and goods on the shelf."""
        tables = self.endpoint.client("dynamodb")
        row = {"sku": {"S": SKU}, "unit_price": {"N": str(PRICE)}, "currency": {"S": "GBP"}}
        tables.put_item(TableName=self.names.of("catalogue"), Item=row)
        shelf = {"sku": {"S": SKU}, "available": {"N": str(STOCK)}}
        tables.put_item(TableName=self.names.of("stock"), Item=shelf)
        return f"{STOCK} pieces of {SKU} at {PRICE} pence"

    def post(self, *, key: str, card: str, token: str | None, quantity: int = 1) -> Reply:
        """`POST /orders` for so many pieces."""
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
        return self._ask("POST", "/orders", token=token, headers=headers, body=json.dumps(order))

    def place(self, *, key: str, card: str, token: str, quantity: int = 1) -> str:
        """An order that is accepted; answers its id."""
        reply = self.post(key=key, card=card, token=token, quantity=quantity)
        require(met=reply.status == 202, otherwise=f"POST /orders: {reply.status} {reply.body}")  # noqa: PLR2004 - HTTP
        return str(json.loads(reply.body)["order_id"])

    def state(self, order: str, *, token: str) -> str:
        """The order's status, as `GET /orders/{id}` tells its customer."""
        reply = self._ask("GET", f"/orders/{order}", token=token, headers={})
        require(met=reply.status == 200, otherwise=f"GET /orders/{order}: {reply.status} {reply.body}")  # noqa: PLR2004
        return str(json.loads(reply.body)["status"])

    def facts(self, order: str) -> list[str]:
        """What has been decided on the order, oldest first."""
        return [event["type"] for event in self.events(order)]

    def events(self, order: str) -> list[dict[str, Any]]:
        """The events of all decisions on the order, oldest first, from the event log."""
        pages = self.endpoint.client("dynamodb").get_paginator("scan")
        rows = [row for page in pages.paginate(TableName=self.names.event_log) for row in page["Items"]]
        events = [json.loads(row["event"]["S"]) for row in rows if row["pk"]["S"].endswith(f"#{order}")]
        return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))

    def letters(self, order: str) -> list[str]:
        """The subjects of the letters about the order, from the endpoint's own mailbox."""
        reply = self._ask("GET", "/_ministack/ses/messages", token=None, headers={"Host": HOST})
        boxes = json.loads(reply.body)["messages"].values()
        return [letter["Subject"] for box in boxes for letter in box if order in letter["Subject"]]

    def available(self) -> int:
        """How many pieces are for sale."""
        key = {"sku": {"S": SKU}}
        row = self.endpoint.client("dynamodb").get_item(TableName=self.names.of("stock"), Key=key)
        return int(row["Item"]["available"]["N"])

    def follow(self, order: str, *, to: set[str], letters: int) -> str:
        """Wait until all these facts are stated on the order and so many letters sent; answers the way."""
        begun = time.monotonic()
        wait_until(
            lambda: to <= set(self.facts(order)) and len(self.letters(order)) >= letters,
            otherwise=lambda: f"order {order} got no further than {self.facts(order)}, {self.letters(order)}",
        )
        way, sent = self.facts(order), self.letters(order)
        require(
            met=len(sent) == letters, otherwise=f"order {order}: {len(sent)} letters, not {letters}: {sent}"
        )
        return f"{' → '.join(way)} in {time.monotonic() - begun:.1f} s, {letters} letters"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        headers: Mapping[str, str],
        body: str | None = None,
    ) -> Reply:
        """A request to the API under its own name, which no name server knows, unless a header does."""
        sent = {"Host": self.host, **headers}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read().decode())
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if trust := self.endpoint.trust:
            return HTTPSConnection(HOST, self.endpoint.port, timeout=35, context=trust)
        return HTTPConnection(HOST, self.endpoint.port, timeout=35)


def wait_until(met: Callable[[], Any], *, otherwise: Callable[[], str], patience: float = PATIENCE) -> None:
    """Ask again and again, up to `patience` seconds; CheckError in the given words after that."""
    until = time.monotonic() + patience
    while not met():
        if time.monotonic() > until:
            raise CheckError(f"{otherwise()} within {patience:.0f} s")
        time.sleep(0.25)
