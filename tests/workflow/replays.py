"""A shop with a history, and `orderbus replay` typed at it."""

import json
from datetime import datetime
from typing import Any

from cli.core.exit_codes import ExitCode
from infrastructure.names import Names
from tests.workflow.command_line import orderbus
from tests.workflow.endings import RISKY, cancelled_after_the_capture
from tests.workflow.shop import Shop, an_order

DEV = Names("dev")
WISHES: dict[str, dict[str, Any]] = {
    "shipped": {},
    "declined": {"payment_method": "pm_card_chargeDeclined"},
    "out of stock": {"lines": [{"sku": "TEAPOT", "quantity": 99}]},
    "fraud": {"ship_to": RISKY},
}


def done(*arguments: object) -> dict[str, Any]:
    """The report of a command that is told to do it."""
    code, out, err = orderbus(*arguments, "--yes", "--json")
    assert code == ExitCode.OK, err
    report: dict[str, Any] = json.loads(out)
    return report


def planned(*arguments: object) -> dict[str, Any]:
    """The report of the same command without that."""
    code, out, err = orderbus(*arguments, "--json")
    assert code == ExitCode.OK, err
    report: dict[str, Any] = json.loads(out)
    return report


def every_kind_of_ending(shop: Shop) -> dict[str, str]:
    """An order of each kind, by its ending."""
    orders = {"cancelled after the capture": cancelled_after_the_capture(shop)}
    for ending, changes in WISHES.items():
        shop.cloud.advance(minutes=1)
        orders[ending] = shop.place(an_order(**changes), key=ending.replace(" ", "-"))
        shop.cloud.settle()
    told = {fact for order in orders.values() for fact in shop.facts(order)}
    assert {"PaymentRefunded", "ShipmentScheduled", "PaymentDeclined", "FraudSuspected"} <= told
    return orders


def log_of(shop: Shop) -> list[dict[str, Any]]:
    """The CloudEvents of the event log, the oldest first."""
    events = [json.loads(row["event"]) for row in shop.rows("event-log")]
    return sorted(events, key=lambda event: datetime.fromisoformat(event["time"]))


def messages_for(shop: Shop, service: str) -> list[dict[str, Any]]:
    """What is in a consumer's queue, the first sent first."""
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=DEV.queue(service))["QueueUrl"]
    found: list[dict[str, Any]] = []
    while batch := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages", []):
        found += batch
    return found


def told(shop: Shop, service: str) -> list[dict[str, Any]]:
    """The bus events in a consumer's queue."""
    return [json.loads(message["Body"]) for message in messages_for(shop, service)]
