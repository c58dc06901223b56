"""A small shop on the offline cloud: stock, customers and queries for tests."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infrastructure.topology import SERVICES
from pocketcloud import OfflineCloud, Reply
from pocketcloud.virtual_time.clock import START

PREFIX = "orderbus-dev"
CONSUMERS = tuple(service.name for service in SERVICES)
STOCK = {"TEAPOT": 5, "CUP": 20}
ADDRESS = {
    "name": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


def an_order(**changes: Any) -> dict[str, Any]:
    """A body for `POST /orders` that is in order."""
    return {
        "lines": [{"sku": "TEAPOT", "quantity": 1}, {"sku": "CUP", "quantity": 2}],
        "email": "ada@example.com",
        "ship_to": ADDRESS,
        "payment_method": "pm_card_visa",
        **changes,
    }


def a_checkout(*, key: str = "k1", customer: str = "ada", **changes: Any) -> dict[str, Any]:
    """The data of a partner's `CheckoutCompleted`, for the same order as `an_order`."""
    return {
        "idempotency_key": key,
        "customer_id": customer,
        "email": "ada@example.com",
        "ship_to": ADDRESS,
        "currency": "GBP",
        "payment_method": "pm_card_visa",
        "lines": [
            {"sku": "TEAPOT", "quantity": 1, "unit_price": 2499},
            {"sku": "CUP", "quantity": 2, "unit_price": 650},
        ],
        **changes,
    }


def checkout_entry(data: dict[str, Any], *, version: int = 2, time: datetime = START) -> dict[str, Any]:
    """The PutEvents entry a partner sends for it, in the version that they still use."""
    if version == 1:
        data = {**data}
        data["customer"] = {"id": data.pop("customer_id"), "email": data.pop("email")}
    schema = f"CheckoutCompleted:{version}"
    return _entry("storefront", schema, subject=data["idempotency_key"], data=data, time=time)


def delivery_entry(name: str = "delivery-1", **lines: int) -> dict[str, Any]:
    """Return a warehouse's PutEvents entry for a delivery of these SKUs."""
    contents = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
    data = {"replenishment_id": name, "lines": contents}
    return _entry("warehouse", "StockReplenished:1", subject=name, data=data)


def _entry(
    source: str, schema: str, *, subject: str, data: dict[str, Any], time: datetime = START
) -> dict[str, Any]:
    fact = schema.partition(":")[0]
    event_id = f"00000000-0000-4000-8000-{abs(hash(subject)) % 10**12:012d}"
    detail = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": fact,
        "subject": subject,
        "time": time.isoformat(),
        "dataschema": f"urn:orderbus:schema:{source}:{schema}",
        "correlationid": event_id,
        "causationid": event_id,
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": data,
    }
    return {
        "EventBusName": f"{PREFIX}-ingress-bus",
        "Source": source,
        "DetailType": fact,
        "Detail": json.dumps(detail),
    }


@dataclass(frozen=True)
class Shop:
    """The cloud, as a tester of workflows sees it."""

    cloud: OfflineCloud

    def open(self, stock: dict[str, int] | None = None) -> None:
        """Add stock and prices."""
        database = self.cloud.client("dynamodb")
        for sku, available in (stock or STOCK).items():
            price = {"TEAPOT": "2499", "CUP": "650"}[sku]
            database.put_item(
                TableName=f"{PREFIX}-stock", Item={"sku": {"S": sku}, "available": {"N": str(available)}}
            )
            database.put_item(
                TableName=f"{PREFIX}-catalogue",
                Item={"sku": {"S": sku}, "unit_price": {"N": price}, "currency": {"S": "GBP"}},
            )

    def post(self, order: dict[str, Any], *, key: str = "k1", customer: str = "ada") -> Reply:
        """Place an order through the HTTP API."""
        return self.cloud.http(
            "POST", "/orders", json=order, headers={"Idempotency-Key": key}, customer=customer
        )

    def place(self, order: dict[str, Any], *, key: str = "k1", customer: str = "ada") -> str:
        """Place an order that is accepted; return its id."""
        reply = self.post(order, key=key, customer=customer)
        assert reply.status == 202, reply.body
        return str(reply.json()["order_id"])

    def rows(self, table: str) -> list[dict[str, str]]:
        """All rows of a table, their attributes as plain strings."""
        items = self.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}")
        return [
            {name: next(iter(value.values())) for name, value in item.items()}
            for page in items
            for item in page["Items"]
        ]

    def orders(self) -> list[dict[str, str]]:
        """Each order's id and status, as its events describe it."""
        facts: dict[str, set[str]] = {}
        for row in self.rows("event-log"):
            event = json.loads(row["event"])
            facts.setdefault(event["subject"], set()).add(event["type"])
        return [
            {"order_id": order_id, "status": _status_of(known)}
            for order_id, known in facts.items()
            if "OrderCreated" in known
        ]

    def waiting(self) -> list[str]:
        """The ids of the orders that wait for their deadline."""
        return [row["open_since"].rpartition("#")[2] for row in self.rows("waiting")]

    def facts(self, order_id: str) -> list[str]:
        """Return the facts of the order, oldest first."""
        return [event["type"] for event in self.events(order_id)]

    def events(self, order_id: str) -> list[dict[str, Any]]:
        """The CloudEvents of what was decided on the order, in the order it was."""
        events = [json.loads(row["event"]) for row in self.rows("event-log") if row["pk"].endswith(order_id)]
        return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))

    def available(self) -> dict[str, int]:
        """Return the stock for sale by SKU."""
        return {row["sku"]: int(row["available"]) for row in self.rows("stock")}

    def charges(self) -> Counter[str]:
        """Captures and refunds at the gateway, by order, from the gateway's own memory."""
        counted: Counter[str] = Counter()
        for row in self.rows("gateway"):
            kind, _, order_id = row["idempotency_key"].partition(":")
            outcome = json.loads(row["outcome"])
            if kind == "refund" or outcome["captured"]:
                counted[f"{kind} {order_id}"] += 1
        return counted

    def dead_letters(self, service: str) -> list[dict[str, Any]]:
        """The messages in a service's dead-letter queue."""
        sqs = self.cloud.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{PREFIX}-{service}-dlq")["QueueUrl"]
        found: list[dict[str, Any]] = []
        while batch := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", []):
            found += batch
        return found

    def email_subjects(self) -> list[str]:
        """Return the subjects of all emails sent, in order."""
        return [email.subject for email in self.cloud.mails]


def _status_of(facts: set[str]) -> str:
    ends = {"OrderCancelled": "cancelled", "ShipmentScheduled": "shipped", "OrderConfirmed": "confirmed"}
    return next((status for fact, status in ends.items() if fact in facts), "created")
