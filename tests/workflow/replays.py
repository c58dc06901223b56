"""Helpers for tests of `orderbus replay`: orders with every outcome, and the command."""

import json
from datetime import datetime
from typing import Any

from cli.core.exit_codes import ExitCode
from infrastructure.names import Names
from tests.workflow.command_line import orderbus
from tests.workflow.order_outcomes import RISKY, cancelled_after_the_capture
from tests.workflow.shop import Shop, an_order

DEV = Names("dev")
CHANGES_BY_OUTCOME: dict[str, dict[str, Any]] = {
    "shipped": {},
    "declined": {"payment_method": "pm_card_chargeDeclined"},
    "out of stock": {"lines": [{"sku": "TEAPOT", "quantity": 99}]},
    "fraud": {"ship_to": RISKY},
}


def done(*arguments: object) -> dict[str, Any]:
    """Run the command with --yes and return its report."""
    code, out, err = orderbus(*arguments, "--yes", "--json")
    assert code == ExitCode.OK, err
    report: dict[str, Any] = json.loads(out)
    return report


def planned(*arguments: object) -> dict[str, Any]:
    """Run the command without --yes and return its report."""
    code, out, err = orderbus(*arguments, "--json")
    assert code == ExitCode.OK, err
    report: dict[str, Any] = json.loads(out)
    return report


def one_order_per_outcome(shop: Shop) -> dict[str, str]:
    """Place an order for each outcome; return the order ids by outcome."""
    orders = {"cancelled after the capture": cancelled_after_the_capture(shop)}
    for outcome, changes in CHANGES_BY_OUTCOME.items():
        shop.cloud.advance(minutes=1)
        orders[outcome] = shop.place(an_order(**changes), key=outcome.replace(" ", "-"))
        shop.cloud.settle()
    facts = {fact for order in orders.values() for fact in shop.facts(order)}
    assert {"PaymentRefunded", "ShipmentScheduled", "PaymentDeclined", "FraudSuspected"} <= facts
    return orders


def more_than_a_batch(shop: Shop) -> None:
    """Place an order for each outcome and eight that are shipped: views has 22 facts, in three batches."""
    one_order_per_outcome(shop)
    for number in range(8):
        shop.place(
            an_order(lines=[{"sku": "CUP", "quantity": 1}]), key=f"more-{number}", customer=f"c{number}"
        )
    shop.cloud.settle()


def log_of(shop: Shop) -> list[dict[str, Any]]:
    """Return the CloudEvents of the event log, oldest first."""
    events = [json.loads(row["event"]) for row in shop.rows("event-log")]
    return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))


def messages_for(shop: Shop, service: str) -> list[dict[str, Any]]:
    """Receive the messages of a consumer's queue in the order sent."""
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=DEV.queue(service))["QueueUrl"]
    found: list[dict[str, Any]] = []
    while batch := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages", []):
        found += batch
    return found


def bus_events_for(shop: Shop, service: str) -> list[dict[str, Any]]:
    """Receive the bus events of a consumer's queue."""
    return [json.loads(message["Body"]) for message in messages_for(shop, service)]
