"""Builders of facts, their deliveries and Lambda events; all are valid by default."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inbound import EnteredAddress
from functions.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
)
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import Address, Customer, Line, Money, PricedLine, StockLine
from functions.contracts.warehouse import StockReplenished
from functions.orders.domain import RequestedOrder
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact, PublishedFact
from tests.now import NOW

ORDER = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
OTHER_ORDER = "5d2a3f60-8c1b-5b7e-b1c9-0c6f1e2d3a44"
SENT_MS = int(NOW.timestamp() * 1000)

BatchResponse = PartialItemFailureResponse

CAUSE = Cause(
    id="3f0e8a52-0d3b-4c59-8f06-55b6a0f5f7aa",
    correlation_id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
ADA = Customer(id="ada", email="ada@example.com")
LONDON = Address(
    name="Ada Lovelace", street="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB"
)
TEAPOT = PricedLine(sku="TEAPOT", quantity=1, unit_price=2499)
CUPS = PricedLine(sku="CUP", quantity=4, unit_price=650)
NO_FAILURES: BatchResponse = {"batchItemFailures": []}
TOTAL = Money(amount=5099, currency="GBP")


def an_order_created(*, customer: Customer = ADA, **changes: Any) -> OrderCreated:
    order = OrderCreated(
        order_id=ORDER,
        customer_id=customer.id,
        email=customer.email,
        ship_to=LONDON,
        lines=(TEAPOT, CUPS),
        total=TOTAL,
        payment_method="pm_card_visa",
    )
    return msgspec.structs.replace(order, **changes)


def a_requested_order(**changes: Any) -> RequestedOrder:
    requested = RequestedOrder(
        order_id=ORDER,
        customer_id=ADA.id,
        email=ADA.email,
        ship_to=LONDON,
        lines=(Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4)),
        payment_method="pm_card_visa",
    )
    return msgspec.structs.replace(requested, **changes)


def an_order_confirmed(**changes: Any) -> OrderConfirmed:
    confirmed = OrderConfirmed(
        order_id=ORDER, customer_id=ADA.id, ship_to=LONDON, lines=(Line(sku="TEAPOT", quantity=1),)
    )
    return msgspec.structs.replace(confirmed, **changes)


def an_order_cancelled(**changes: Any) -> OrderCancelled:
    cancelled = OrderCancelled(order_id=ORDER, customer_id=ADA.id, reason="customer_request")
    return msgspec.structs.replace(cancelled, **changes)


def an_inventory_reserved(**changes: Any) -> InventoryReserved:
    lines = (Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4))
    reserved = InventoryReserved(order_id=ORDER, lines=lines, total=TOTAL, payment_method="pm_card_visa")
    return msgspec.structs.replace(reserved, **changes)


def an_inventory_rejected(**changes: Any) -> InventoryRejected:
    rejected = InventoryRejected(order_id=ORDER, reason="out_of_stock", skus=("TEAPOT",))
    return msgspec.structs.replace(rejected, **changes)


def a_payment_processed(**changes: Any) -> PaymentProcessed:
    paid = PaymentProcessed(order_id=ORDER, payment_id="ch_1", amount=TOTAL)
    return msgspec.structs.replace(paid, **changes)


def a_payment_declined(**changes: Any) -> PaymentDeclined:
    declined = PaymentDeclined(order_id=ORDER, reason="card_declined")
    return msgspec.structs.replace(declined, **changes)


def a_payment_refunded(**changes: Any) -> PaymentRefunded:
    refunded = PaymentRefunded(order_id=ORDER, payment_id="ch_1", refund_id="re_1", amount=TOTAL)
    return msgspec.structs.replace(refunded, **changes)


def an_inventory_released(**changes: Any) -> InventoryReleased:
    released = InventoryReleased(order_id=ORDER, lines=an_inventory_reserved().lines)
    return msgspec.structs.replace(released, **changes)


def a_fraud_suspected(**changes: Any) -> FraudSuspected:
    suspected = FraudSuspected(order_id=ORDER, customer_id=ADA.id, reasons=("risky_country",))
    return msgspec.structs.replace(suspected, **changes)


def a_shipment_scheduled(**changes: Any) -> ShipmentScheduled:
    shipment = ShipmentScheduled(order_id=ORDER, carrier="royal_mail", tracking_number="OB12345678")
    return msgspec.structs.replace(shipment, **changes)


def a_checkout_completed(**changes: Any) -> CheckoutCompleted:
    checkout = CheckoutCompleted(
        idempotency_key="basket-1",
        customer_id=ADA.id,
        email=ADA.email,
        ship_to=EnteredAddress(**msgspec.structs.asdict(LONDON)),
        currency="GBP",
        payment_method="pm_card_visa",
        lines=(TEAPOT, CUPS),
    )
    return msgspec.structs.replace(checkout, **changes)


def a_stock_replenished(**changes: Any) -> StockReplenished:
    delivery = StockReplenished(
        replenishment_id="delivery-1",
        lines=(StockLine(sku="TEAPOT", quantity=500), StockLine(sku="CUP", quantity=2000)),
    )
    return msgspec.structs.replace(delivery, **changes)


def a_stock_added(**changes: Any) -> StockAdded:
    delivery = a_stock_replenished()
    added = StockAdded(replenishment_id=delivery.replenishment_id, lines=delivery.lines)
    return msgspec.structs.replace(added, **changes)


def an_event(fact: Fact) -> Event[Fact]:
    """Return the event that publishes the fact, by its owner or by a partner."""
    if isinstance(fact, PublishedFact):
        return codec.event_of(fact, cause=CAUSE, time=NOW)
    return Event(id=CAUSE.id, subject="basket-1", time=NOW, cause=CAUSE, fact=fact, major=fact.version)


def a_document(fact: Fact, **changes: Any) -> dict[str, Any]:
    """The fact's CloudEvents document."""
    return {**json.loads(codec.write(an_event(fact))), **changes}


def a_bus_event(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The document as EventBridge wraps it for a target."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": document["type"],
        "source": document["source"],
        "account": "123456789012",
        "time": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "region": "eu-west-1",
        "resources": [],
        "detail": document,
        **changes,
    }


def a_delivery(fact: Fact, **changes: Any) -> str:
    """The body of the queue message that brings the fact, its document changed as asked."""
    return json.dumps(a_bus_event(a_document(fact, **changes)))


def a_batch(*bodies: str, receive_count: int = 1, ids: Sequence[str] = ()) -> dict[str, Any]:
    """Return a batch as Lambda passes it; the ids are `message-0` and so on by default."""
    names = ids or [f"message-{index}" for index in range(len(bodies))]
    return {
        "Records": [
            {
                "messageId": name,
                "receiptHandle": "handle",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(receive_count),
                    "SentTimestamp": str(SENT_MS),
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": str(SENT_MS + 1),
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orderbus-dev-some-service",
                "awsRegion": "eu-west-1",
            }
            for name, body in zip(names, bodies, strict=True)
        ]
    }


class Context(LambdaContext):
    """Lambda's second argument, of a function with thirty seconds left."""

    _function_name = "orderbus-dev-some-service"
    _memory_limit_in_mb = 256
    _invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:orderbus-dev-some-service"
    _aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


def retried(*names: str) -> BatchResponse:
    """Return the response that makes Lambda deliver exactly these messages again."""
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}
