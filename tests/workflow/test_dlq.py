"""`orderbus dlq` finds, explains and redrives messages of every component, and orders complete."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault, crashing
from tests.workflow.dead_letter_queues import (
    SOON,
    a_failed_order,
    assert_shipped_once,
    command,
    groups,
    present_violations,
    redriven,
    send,
)
from tests.workflow.delivery_faults import without_topic
from tests.workflow.shop import PREFIX, Shop, an_order


def test_dlq_ls_is_empty_without_a_failure(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    assert groups() == []
    assert "No dead-lettered messages." in command("ls")[1]


def test_order_ships_when_its_failed_message_is_redriven(shop: Shop) -> None:
    order_id = a_failed_order(shop)
    (group,) = groups()
    assert (group["consumer"], group["reason"], group["format"], group["fact"], group["count"]) == (
        "payments",
        "reaction_failed",
        "dead-lettered",
        "InventoryReserved",
        1,
    )
    assert group["schema"] == "urn:orderbus:schema:inventory:InventoryReserved:1"
    (message,) = group["messages"]
    _, out, _ = command("show", message[:8], "--json")
    shown = json.loads(out)
    assert shown["order"] == order_id
    assert shown["goes_back_to"] == f"queue {PREFIX}-payments"
    assert shown["attributes"]["error_class"] == "RuntimeError"
    report = redriven()
    assert report["done"] == [message]
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


def test_redrive_only_shows_destinations_without_yes(shop: Shop) -> None:
    a_failed_order(shop)
    code, out, _ = command("redrive")
    assert code == ExitCode.OK
    assert "1 would be redriven. Nothing was changed." in out
    assert f"1 to queue {PREFIX}-payments" in out
    shop.cloud.settle()
    assert [group["count"] for group in groups()] == [1]
    assert shop.rows("audit") == []


@pytest.mark.parametrize("arrival", ["soon", "0001-01-01T00:00:00Z", "2026-11-23T10:00:00"])
def test_redrive_skips_a_discarded_batch_with_invalid_times(shop: Shop, arrival: str) -> None:
    order_id = a_failed_order(shop)
    arrivals = {"approximateArrivalOfFirstRecord": arrival, "approximateArrivalOfLastRecord": arrival}
    send(shop, "relay-dlq", json.dumps({"DDBStreamBatchInfo": {**arrivals, "batchSize": 1}}))
    (message,) = (group["messages"][0] for group in groups() if group["consumer"] == "relay")
    assert command("show", message)[0] == ExitCode.OK
    code, out, _ = command("redrive", "--yes", "--json")
    assert code == ExitCode.INCOMPLETE
    report = json.loads(out)
    assert [left["message_id"] for left in report["left"]] == [message]
    assert len(report["done"]) == 1
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


def test_redrive_handles_messages_of_sqs_and_of_subscriptions(shop: Shop) -> None:
    shop.cloud.retry_after = SOON
    with call_fault(shop.cloud, crashing("shipping")):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    (group,) = groups()
    assert (group["consumer"], group["format"], group["reason"]) == (
        "shipping",
        "queue",
        "received_too_often",
    )
    body = json.loads(command("show", group["messages"][0], "--json")[1])["body"]
    send(shop, "shipping-dlq", body)
    send(shop, "shipping-dlq", json.dumps({"Type": "Notification", "Message": body}))
    found = {(group["format"], group["fact"]): group["count"] for group in groups()}
    assert found == {("queue", "OrderConfirmed"): 1, ("subscription", "OrderConfirmed"): 2}
    assert len(redriven("--order", order_id)["done"]) == 3
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


def test_redrive_sends_a_rules_message_to_its_topic(shop: Shop) -> None:
    with without_topic(shop, "shipment-scheduled"):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    (group,) = groups()
    assert (group["consumer"], group["format"], group["fact"]) == ("order-bus", "rule", "ShipmentScheduled")
    (planned,) = redriven("--consumer", "order-bus")["planned"]
    assert planned["to"] == f"topic {PREFIX}-shipment-scheduled"
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


@pytest.mark.parametrize(
    ("queue", "target"),
    [
        ("order-bus-dlq", "arn:aws:sns:eu-west-1:123456789012:orderbus-dev-order-confirmed"),
        ("order-bus-dlq", "arn:aws:sns:eu-west-1:999999999999:orderbus-dev-order-created"),
        ("orders-dlq", "arn:aws:sqs:eu-west-1:123456789012:orderbus-dev-payments"),
    ],
)
def test_message_stays_when_it_names_another_destination(shop: Shop, queue: str, target: str) -> None:
    event = {"source": "orders", "detail-type": "OrderCreated", "detail": {"type": "OrderCreated"}}
    attributes = {"RULE_ARN": "arn:rule", "TARGET_ARN": target, "ERROR_CODE": "NO_RESOURCE"}
    send(shop, queue, json.dumps(event), **attributes)
    code, out, _ = command("redrive", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "is another" in out
    assert [group["count"] for group in groups("--reason", "NO_RESOURCE")] == [1]


def test_relay_publishes_a_discarded_batch_at_the_rate(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[None] = []
    monkeypatch.setattr("cli.dlq.commands._pause", lambda _: lambda: pauses.append(None))

    def reject(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            raise RuntimeError("EventBridge is unreachable")
        return proceed()

    shop.cloud.retry_after = timedelta(minutes=30)
    with call_fault(shop.cloud, reject):
        shop.place(an_order(), key="another")
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert {(group["consumer"], group["format"]) for group in groups()} == {("relay", "stream")}
    report = redriven()
    assert {planned["to"].split(",")[0] for planned in report["planned"]} == {f"relay {PREFIX}-relay"}
    most = max(int(planned["to"].split()[-2]) for planned in report["planned"])
    assert most > 1
    assert len(pauses) >= most + len(report["planned"])
    shop.cloud.settle()
    assert set(shop.facts(order_id)) > {"OrderCreated", "OrderCancelled"}  # it was overdue by then
    assert present_violations(shop) == []
    assert groups() == []


def test_relay_publishes_only_facts_of_the_event_log(shop: Shop) -> None:
    def reject(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents" and "PaymentProcessed" in str(call.parameters):
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]}
        return proceed()

    with call_fault(shop.cloud, reject):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    (group,) = groups()
    assert (group["consumer"], group["reason"], group["fact"]) == (
        "relay",
        "put_events_refused",
        "PaymentProcessed",
    )
    shown = json.loads(command("show", group["messages"][0], "--json")[1])
    made_up = json.loads(shown["body"]) | {"id": "00000000-0000-4000-8000-000000000001"}
    send(shop, "relay-dlq", json.dumps(made_up), **shown["attributes"])
    code, out, _ = command("redrive", "--yes", "--json")
    assert code == ExitCode.INCOMPLETE
    report = json.loads(out)
    assert report["done"] == group["messages"]
    assert [left["why"] for left in report["left"]] == ["the event log has no such fact"]
    shop.cloud.settle()
    assert_shipped_once(shop, order_id)


def test_redrive_names_messages_without_a_destination(shop: Shop) -> None:
    send(shop, "views-dlq", "what is this?")
    send(shop, "inventory-levels-dlq", "and this?")
    code, out, _ = command("redrive", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "its format is unknown" in out
    assert "check the table, then purge this" in out
    assert sum(group["count"] for group in groups()) == 2
