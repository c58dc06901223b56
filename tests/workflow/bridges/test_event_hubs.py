"""Facts to an event hub by an API destination: tokens, failures and redrives."""

from pathlib import Path

import pytest

from tests.infrastructure.graph import Graph, arn
from tests.workflow.bridges.azure import SECRET
from tests.workflow.bridges.http_stand_in import Response
from tests.workflow.bridges.linked_shop import FACTS, LinkedShop
from tests.workflow.dead_letter_queues import groups, redriven
from tests.workflow.shop import PREFIX

COMPONENT = "forward-event-hubs"
TOO_MANY, UNAVAILABLE, UNAUTHORIZED = Response(429), Response(503), Response(401)


def test_facts_arrive_as_cloud_events_keyed_by_the_order(linked: LinkedShop) -> None:
    order_id = linked.order()
    expected = [each for each in linked.shop.events(order_id) if each["type"] in FACTS]
    assert sorted(linked.azure.ids) == sorted(each["id"] for each in expected)
    assert all(each.event in expected and each.partition_key == order_id for each in linked.azure.stored)
    assert linked.azure.tokens == 1


@pytest.mark.parametrize(
    ("faults", "lost_responses", "tokens"),
    [([TOO_MANY, UNAVAILABLE], 0, 1), ([UNAUTHORIZED], 0, 2), ([Response(500)] * 4, 0, 1), ([], 2, 1)],
    ids=["busy", "rejected token", "broken", "lost responses"],
)
def test_every_fact_arrives_when_the_hub_fails_temporarily(
    linked: LinkedShop, faults: list[Response], lost_responses: int, tokens: int
) -> None:
    linked.azure.faults, linked.azure.lost_responses = list(faults), lost_responses
    order_id = linked.order()
    assert sorted(set(linked.azure.ids)) == linked.sent_ids(order_id)
    assert len(linked.azure.ids) == len(set(linked.azure.ids)) + lost_responses
    assert linked.azure.tokens == tokens
    assert linked.is_shipped(order_id)


def test_every_fact_arrives_after_an_hour_without_hub(linked: LinkedShop) -> None:
    linked.azure.stop()
    order_id = linked.place()
    linked.cloud.advance(minutes=60)
    assert linked.is_shipped(order_id)
    assert linked.undelivered() == []
    assert f"{COMPONENT}-retries" in linked.fired_alarms()
    linked.restart_azure()
    linked.cloud.settle()
    assert sorted(linked.azure.ids) == linked.sent_ids(order_id)


def test_every_fact_arrives_when_the_hub_was_slow(
    linked: LinkedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked.cloud.api_destinations, "timeout_seconds", 0.05)
    linked.azure.gate.clear()
    order_id = linked.place()
    linked.cloud.advance(minutes=2)
    assert linked.is_shipped(order_id)
    assert linked.undelivered() == []
    linked.azure.gate.set()
    monkeypatch.undo()
    linked.cloud.settle()
    assert sorted(set(linked.azure.ids)) == linked.sent_ids(order_id)


def test_token_is_renewed_when_it_has_expired(linked: LinkedShop) -> None:
    linked.order()
    linked.cloud.advance(hours=2)
    order_id = linked.order(key="k2")
    assert set(linked.sent_ids(order_id)) < set(linked.azure.ids)
    assert linked.azure.tokens == 2


@pytest.mark.parametrize("cause", ["role", "secret"])
def test_dead_lettered_facts_arrive_once_when_redriven(linked: LinkedShop, cause: str) -> None:
    linked.azure.is_sender = cause != "role"
    linked.azure.secret = "another" if cause == "secret" else SECRET
    order_id = linked.order()
    (group, *more) = groups("--consumer", COMPONENT)
    assert (group["reason"], group["format"]) == ("SDK_CLIENT_ERROR", "rule")
    assert group["count"] + sum(each["count"] for each in more) == len(linked.sent_ids(order_id))
    assert linked.is_shipped(order_id)
    assert linked.azure.ids == []
    linked.azure.is_sender, linked.azure.secret = True, SECRET
    assert len(redriven("--consumer", COMPONENT)["done"]) == len(linked.sent_ids(order_id))
    linked.cloud.settle()
    assert sorted(linked.azure.ids) == linked.sent_ids(order_id)
    assert groups("--consumer", COMPONENT) == []


def test_bridge_may_only_send_to_its_destination(assembly: Path) -> None:
    graph = Graph(assembly)
    (destination,) = graph.of("Events::ApiDestination")
    assert destination.properties["InvocationRateLimitPerSecond"] == 100
    rules = [each for each in graph.of("Events::Rule") if "HttpParameters" in each.properties["Targets"][0]]
    buses = {rule.properties["EventBusName"] for rule in rules}
    assert buses == {f"{PREFIX}-order-bus", f"{PREFIX}-{COMPONENT}-redrive"}
    (role,) = {rule.properties["Targets"][0]["RoleArn"].rsplit("/", 1)[1] for rule in rules}
    (policy,) = [each for each in graph.of("IAM::Policy") if each.properties["Roles"] == [role]]
    assert policy.properties["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "events:InvokeApiDestination",
            "Resource": arn("events", f"api-destination/{PREFIX}-{COMPONENT}/id"),
        }
    ]


def test_people_may_look_at_the_rule_and_redrive(assembly: Path) -> None:
    statements = [
        statement
        for policy in Graph(assembly).of("IAM::ManagedPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]
    (redrive,) = [each for each in statements if each["Sid"] == "ForwardAgain"]
    assert redrive["Resource"] == arn("events", f"event-bus/{PREFIX}-{COMPONENT}-redrive")
    (look,) = [each for each in statements if each["Sid"] == "LookAtForwards"]
    assert look["Resource"] == arn("events", f"rule/{PREFIX}-order-bus/{PREFIX}-{COMPONENT}")


def test_template_holds_a_reference_instead_of_the_secret(assembly: Path) -> None:
    (connection,) = Graph(assembly).of("Events::Connection")
    client = connection.properties["AuthParameters"]["OAuthParameters"]["ClientParameters"]
    reference = f"resolve:secretsmanager:{PREFIX}-event-hubs:SecretString:client_secret::"
    assert client["ClientSecret"] == f"{{{{{reference}}}}}"
