"""Settings of a stage take effect when it is deployed: forwards, pages and the address of its alarms."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pocketcloud import OfflineCloud
from tests.infrastructure.conftest import AUDITOR, PAGES
from tests.infrastructure.graph import Graph, arn
from tests.workflow.invariants import UNSUBSCRIBED
from tests.workflow.shop import Shop, an_order

PAGE, ELSEWHERE = PAGES[0], "https://elsewhere.example"


@pytest.fixture(scope="module")
def deployed(shared: Graph) -> Iterator[OfflineCloud]:
    """The shared stage offline, with a partner's bus and queue in the same process."""
    with OfflineCloud.start(assembly=shared.assembly) as cloud:
        events, sqs = cloud.client("events"), cloud.client("sqs")
        events.create_event_bus(Name="partner")
        admitting = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        sqs.create_queue(QueueName="partner", Attributes={"Policy": json.dumps({"Statement": [admitting]})})
        events.put_rule(Name="partner", EventBusName="partner", EventPattern='{"version": ["0"]}')
        target = {"Id": "1", "Arn": arn("sqs", "partner")}
        events.put_targets(Rule="partner", EventBusName="partner", Targets=[target])
        yield cloud


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    """A new shop."""
    deployed.reset()
    shop = Shop(deployed)
    shop.open()
    return shop


def received(shop: Shop, queue: str) -> list[dict[str, Any]]:
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_forwarded_facts_arrive_unchanged_offline(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    arrived = received(shop, "partner")
    assert [event["detail-type"] for event in arrived] == ["OrderConfirmed", "ShipmentScheduled"]
    assert {event["account"] for event in arrived} == {"123456789012"}
    assert {event["detail"]["subject"] for event in arrived} == {order_id}
    assert shop.cloud.undelivered == []


def test_fact_is_dead_lettered_when_its_bus_is_unreachable(shop: Shop) -> None:
    shop.cloud.client("events").create_event_bus(Name="audit")  # of that name, but here
    order_id = shop.place(an_order(payment_method="pm_card_chargeDeclined"), key="k2")
    shop.cloud.settle()
    queue = f"orderbus-dev-forward-{AUDITOR}"
    (lost,) = [each for each in shop.cloud.undelivered if each.where not in UNSUBSCRIBED]
    assert lost.event is not None
    assert (lost.event.type, lost.event.subject) == ("OrderCancelled", order_id)
    assert lost.where.startswith(f"queue/{queue}")
    assert "NO_RESOURCE" in lost.reason


def asking(origin: str) -> dict[str, str]:
    """Return the headers of a browser's preflight request for `POST /orders`."""
    headers = "authorization,content-type,idempotency-key"
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }


def test_alarm_fires_offline_without_sending_email(shop: Shop) -> None:
    cloud = shop.cloud
    url = cloud.client("sqs").get_queue_url(QueueName="orderbus-dev-shipping")["QueueUrl"]
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="this is not JSON")
    cloud.advance(minutes=5)
    assert "orderbus-dev-shipping-dlq-not-empty" in {change.alarm for change in cloud.alarms.changes}
    assert cloud.mails == []
    assert {each.reason for each in cloud.undelivered} == {"json_invalid"}


def test_only_an_allowed_page_orders_from_a_browser(shop: Shop) -> None:
    cloud = shop.cloud
    before = cloud.http("OPTIONS", "/orders", headers=asking(PAGE))
    assert before.status == 204
    assert before.headers["Access-Control-Allow-Origin"] == PAGE
    assert before.headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert before.headers["Access-Control-Max-Age"] == "3600"
    sendable = before.headers["Access-Control-Allow-Headers"].split(",")
    assert {"authorization", "content-type", "idempotency-key"} <= set(sendable)
    headers = {"Idempotency-Key": "k1", "Origin": PAGE}
    reply = cloud.http("POST", "/orders", json=an_order(), headers=headers, customer="ada")
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    refused = cloud.http("OPTIONS", "/orders", headers=asking(ELSEWHERE))
    assert (refused.status, "Access-Control-Allow-Origin" in refused.headers) == (204, False)
    unseen = cloud.http("GET", "/orders", headers={"Origin": ELSEWHERE}, customer="ada")
    assert "Access-Control-Allow-Origin" not in unseen.headers
