"""Facts to Google Pub/Sub, and a warehouse's events back: tokens, failures, poison and duplicates."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pocketcloud import AwsCall
from tests.infrastructure.graph import Graph, Resource
from tests.workflow.bridges.google import FORGED_KEY, OTHER_TOPIC, TOPIC, push_token
from tests.workflow.bridges.http_stand_in import Response
from tests.workflow.bridges.linked_shop import FACTS, LinkedShop
from tests.workflow.bridges.pushes import message_of, push
from tests.workflow.call_faults import Middleware, Proceed, call_fault
from tests.workflow.dead_letter_queues import groups, redriven
from tests.workflow.shop import PREFIX, delivery_entry

UNAVAILABLE, TOO_MANY, UNAUTHORIZED = Response(503), Response(429), Response(401)


def test_facts_are_published_in_binary_mode_by_order(linked: LinkedShop) -> None:
    order_id = linked.order()
    events = {each["id"]: each for each in linked.shop.events(order_id) if each["type"] in FACTS}
    assert sorted(linked.google.ids) == sorted(events)
    for message in linked.google.published:
        event = events[message.attributes["ce-id"]]
        attributes = {name: value for name, value in event.items() if name not in {"data", "datacontenttype"}}
        assert message.attributes == {
            **{f"ce-{name}": value for name, value in attributes.items()},
            "content-type": "application/json",
        }
        assert (json.loads(message.data), message.key) == (event["data"], order_id)
        assert message.topic == (OTHER_TOPIC if event["type"] == "ShipmentScheduled" else TOPIC)


@pytest.mark.parametrize(
    ("faults", "lost_responses", "exchanges"),
    [([TOO_MANY, UNAVAILABLE], 0, 1), ([UNAUTHORIZED], 0, 2), ([Response(404)] * 3, 0, 1), ([], 2, 1)],
    ids=["busy", "rejected token", "no topic", "lost responses"],
)
def test_every_fact_is_published_when_pubsub_fails_temporarily(
    linked: LinkedShop, faults: list[Response], lost_responses: int, exchanges: int
) -> None:
    linked.google.faults, linked.google.lost_responses = list(faults), lost_responses
    order_id = linked.order()
    assert sorted(set(linked.google.ids)) == linked.sent_ids(order_id)
    assert len(linked.google.ids) == len(set(linked.google.ids)) + lost_responses
    assert linked.google.exchanges == exchanges
    assert linked.is_shipped(order_id)
    assert linked.undelivered() == []


@pytest.mark.parametrize("cause", ["down", "role"])
def test_every_fact_is_published_after_an_hour_of_failures(linked: LinkedShop, cause: str) -> None:
    linked.google.is_trusted = cause != "role"
    if cause == "down":
        linked.google.stop()
    order_id = linked.place()
    linked.cloud.advance(minutes=60)
    assert linked.is_shipped(order_id)
    assert linked.undelivered() == []
    assert "pubsub-message-age" in linked.fired_alarms()
    linked.google.is_trusted = True
    if cause == "down":
        linked.restart_google()
    linked.cloud.settle()
    assert sorted(linked.google.ids) == linked.sent_ids(order_id)


def test_token_is_exchanged_again_shortly_before_it_expires(linked: LinkedShop) -> None:
    linked.order()
    linked.cloud.advance(minutes=56)
    linked.order(key="k2")
    assert linked.google.exchanges == 2


def test_invalid_message_is_dead_lettered_alone(linked: LinkedShop) -> None:
    linked.google.refuses = lambda message: message.attributes["ce-type"] == "OrderConfirmed"
    order_id = linked.order()
    ids = {event["type"]: event["id"] for event in linked.shop.events(order_id)}
    assert linked.google.ids == [ids["ShipmentScheduled"]]
    (group,) = groups("--consumer", "pubsub")
    assert (group["reason"], group["fact"], group["count"]) == ("refused_by_pubsub", "OrderConfirmed", 1)
    linked.google.refuses = lambda _: False
    assert len(redriven("--consumer", "pubsub")["done"]) == 1
    linked.cloud.settle()
    assert sorted(linked.google.ids) == linked.sent_ids(order_id)


def pushed(linked: LinkedShop, token: str | None = None, **changes: Any) -> int:
    """Push a delivery of seven teapots, with these parts changed; return the status."""
    message = {**message_of(delivery_entry(TEAPOT=7)), **changes}
    return push(linked.cloud, message, token).status


def test_stock_changes_once_when_a_warehouse_reacts(linked: LinkedShop) -> None:
    linked.order()
    before = linked.shop.available()
    shipped = [each for each in linked.google.published if each.attributes["ce-type"] == "ShipmentScheduled"]
    deliveries = [delivery_entry(each.key, TEAPOT=7) for each in shipped]
    for entry in [*deliveries, *deliveries]:
        assert push(linked.cloud, message_of(entry)).status == 204
    linked.cloud.settle()
    assert linked.shop.available() == {**before, "TEAPOT": before["TEAPOT"] + 7}
    assert linked.undelivered() == []


Claims = Callable[[float], str]
TOKENS: dict[str, tuple[Claims, int]] = {
    "audience": (lambda now: push_token(now, aud="https://another.example"), 401),
    "issuer": (lambda now: push_token(now, iss="https://accounts.evil.example"), 401),
    "signature": (lambda now: push_token(now, FORGED_KEY), 401),
    "expired": (lambda now: push_token(now - 7200), 401),
    "service account": (lambda now: push_token(now, email="someone@my-shop.iam.gserviceaccount.com"), 403),
    "unverified": (lambda now: push_token(now, email_verified=False), 403),
}


@pytest.mark.parametrize("wrong", TOKENS)
def test_push_is_rejected_when_its_token_is_not_ours(linked: LinkedShop, wrong: str) -> None:
    token, status = TOKENS[wrong]
    given = token(linked.cloud.clock.now().timestamp())
    assert pushed(linked, given) == status
    linked.cloud.settle()
    assert linked.shop.available()["TEAPOT"] == 5


def test_customers_token_is_worthless_at_the_route(linked: LinkedShop) -> None:
    assert pushed(linked, linked.cloud.token("ada")) == 401


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"attributes": {}}, "not_a_cloudevent"),
        ({"data": base64.b64encode(b"{").decode()}, "data_invalid"),
        ({"data": ""}, "data_missing"),
    ],
)
def test_poison_is_acknowledged_and_dead_lettered(
    linked: LinkedShop, message: dict[str, Any], reason: str
) -> None:
    assert pushed(linked, **message) == 204
    (group,) = groups("--consumer", "pubsub-push")
    assert (group["reason"], group["count"]) == (reason, 1)
    assert pushed(linked) == 204


def refused_with(code: str) -> Middleware:
    """Let the ingress bus refuse what the push function puts on it."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents" and call.function == f"{PREFIX}-pubsub-push":
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": code}]}
        return proceed()

    return refuse


def test_push_is_repeated_when_the_bus_rejects_it(linked: LinkedShop) -> None:
    with call_fault(linked.cloud, refused_with("ThrottlingException")):
        assert pushed(linked) == 503
    assert pushed(linked) == 204
    linked.cloud.settle()
    assert linked.shop.available()["TEAPOT"] == 12


def test_dead_lettered_push_adds_stock_when_redriven(linked: LinkedShop) -> None:
    with call_fault(linked.cloud, refused_with("MalformedDetail")):
        assert pushed(linked) == 204
    linked.cloud.advance(minutes=2)
    assert "pubsub-push-dlq-not-empty" in linked.fired_alarms()
    (group,) = groups("--consumer", "pubsub-push")
    assert (group["reason"], group["fact"]) == ("put_events_refused", "StockReplenished")
    assert len(redriven("--consumer", "pubsub-push")["done"]) == 1
    linked.cloud.settle()
    assert linked.shop.available()["TEAPOT"] == 12


def test_body_that_is_no_push_is_rejected(linked: LinkedShop) -> None:
    assert pushed(linked, publishTime="yesterday") == 400


def test_functions_may_do_nothing_but_their_part(assembly: Path) -> None:
    graph = Graph(assembly)
    functions = [each for each in graph.of("Lambda::Function") if each.stack.endswith("-pubsub")]
    own = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    traces = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    queue = {
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    }
    allowed = {each.name.removeprefix(f"{PREFIX}-"): actions_of(graph, each) - traces for each in functions}
    assert allowed == {"pubsub": own | queue, "pubsub-push": own | {"events:PutEvents"}}


def actions_of(graph: Graph, function: Resource) -> set[str]:
    role = function.properties["Role"].rsplit("/", 1)[1]
    statements = [
        statement
        for policy in graph.of("IAM::Policy")
        if policy.stack == function.stack and policy.properties["Roles"] == [role]
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]
    given = (each["Action"] for each in statements)
    return {action for each in given for action in ([each] if isinstance(each, str) else each)}
