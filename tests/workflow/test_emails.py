"""Emails go out once, never on replay, and their address stays private."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infrastructure.names import Names
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.shop import CONSUMERS, PREFIX, Shop, a_checkout, an_order, checkout_entry

DEV = Names("dev")
CANARY = "canary.7f3a@example.com"
WAYS: dict[str, dict[str, Any]] = {
    "shipped": {},
    "declined": {"payment_method": "pm_card_chargeDeclined"},
    "out of stock": {"lines": [{"sku": "TEAPOT", "quantity": 99}]},
}


def replay_to_everyone(shop: Shop) -> None:
    """All of the archive again, to each consumer by its own name."""
    events, now = shop.cloud.client("events"), shop.cloud.clock.now()
    for name in CONSUMERS:
        events.start_replay(
            ReplayName=f"{DEV.replays(name)}again",
            EventSourceArn=events.describe_archive(ArchiveName=DEV.event_archive)["ArchiveArn"],
            EventStartTime=now - timedelta(days=1),
            EventEndTime=now + timedelta(days=1),
            Destination={"Arn": events.describe_event_bus(Name=DEV.event_bus)["Arn"]},
        )
    shop.cloud.settle()


def forget_emails(shop: Shop) -> None:
    """Delete the contacts, with the records of emails, as their expiry does."""
    for row in shop.rows("contacts"):
        shop.cloud.client("dynamodb").delete_item(
            TableName=f"{PREFIX}-contacts", Key={"order_id": {"S": row["order_id"]}}
        )


def test_replay_of_all_facts_sends_no_email(shop: Shop) -> None:
    for number, changes in enumerate(WAYS.values()):
        shop.place(an_order(**changes), key=f"k{number}")
        shop.cloud.settle()
    sent = shop.email_subjects()
    assert len(sent) == 7
    forget_emails(shop)
    replay_to_everyone(shop)
    assert any(hop.function == f"{PREFIX}-notifications" for hop in shop.cloud.deliveries)
    assert shop.email_subjects() == sent
    assert shop.rows("contacts") == []


def some_business(shop: Shop) -> None:
    for number, changes in enumerate(WAYS.values()):
        shop.place(an_order(email=CANARY, **changes), key=f"k{number}")
    shop.cloud.put_events([checkout_entry(a_checkout(key="c1", customer="eve", email=CANARY))])
    shop.cloud.settle()


def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """SES rejects the email and names the address."""
    if call.operation == "SendEmail":
        error = f"Email address is not verified: {CANARY}"
        raise ClientError({"Error": {"Code": "MessageRejected", "Message": error}}, call.operation)
    return proceed()


def functions(shop: Shop) -> list[str]:
    pages = shop.cloud.client("lambda").get_paginator("list_functions").paginate()
    return [function["FunctionName"] for page in pages for function in page["Functions"]]


@pytest.mark.parametrize("is_refused", [False, True], ids=["sent", "refused by SES"])
def test_address_stays_out_of_logs_metrics_and_later_events(shop: Shop, *, is_refused: bool) -> None:
    if is_refused:
        with call_fault(shop.cloud, refuse):
            some_business(shop)
    else:
        some_business(shop)
    printed = [line for name in functions(shop) for line in shop.cloud.logs(name)]
    assert any("CloudWatchMetrics" in line for line in printed)
    assert not [line for line in printed if CANARY in line]
    events = [json.loads(row["event"]) for row in shop.rows("event-log")]
    assert {event["type"] for event in events if CANARY in json.dumps(event)} == {"OrderCreated"}
    messages = [message for service in CONSUMERS for message in shop.dead_letters(service)]
    assert bool(messages) == is_refused
    assert not [message for message in messages if CANARY in json.dumps(message["MessageAttributes"])]
