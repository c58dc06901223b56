"""The setup pages of the neighbours: their settings, names and commands are those of the template."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session
from msgspec import convert

from infrastructure.names import Names
from infrastructure.orderbus import OrderbusBridges
from infrastructure.topology import TOPOLOGY
from tests.infrastructure.graph import Graph
from tests.neighbours.setup_page import PAGES as FOLDER
from tests.neighbours.setup_page import blocks
from tests.workflow.bridges.google import ISSUER

PAGES = ("event-hubs.md", "pubsub.md", "rabbitmq.md")
NAMES = Names("dev")


def commands(page: str, program: str) -> list[list[str]]:
    """Return the words of a program's commands on the page."""
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    words = (shlex.split(line) for line in lines if line.strip())
    return [command for command in words if command[0] == program]


def options(command: list[str]) -> dict[str, str]:
    """Return the values of the options; empty for one without a value."""
    pairs = zip(command, [*command[1:], ""], strict=True)
    return {word: value for word, value in pairs if word.startswith("--")}


@pytest.mark.parametrize("page", PAGES)
def test_settings_on_the_page_are_valid(page: str) -> None:
    row, *_ = blocks(page, "json")
    bridges = convert(json.loads(f"{{{row}}}"), OrderbusBridges)
    bridges.check(TOPOLOGY, has_stream=False)
    (name,) = bridges.rows
    described = (FOLDER / page).read_text()
    fields = set(type(bridges.rows[name]).__struct_fields__) - {"token_url", "other_topics"}
    assert not [field for field in fields if f"| `{field}` |" not in described]


@pytest.mark.parametrize(
    ("page", "changed", "reason"),
    [
        ("event-hubs.md", {"hub_url": "http://shop-events.servicebus.windows.net/orders"}, "hub_url"),
        ("event-hubs.md", {"token_url": "https://login.evil.example/oauth2/v2.0/token"}, "token_url"),
        ("event-hubs.md", {"facts": ["OrderEaten"]}, "no service publishes OrderEaten"),
        ("pubsub.md", {"endpoint": "https://pubsub.evil.example"}, "endpoint"),
        ("pubsub.md", {"identity_provider": "//iam.googleapis.com/projects/shop"}, "identity_provider"),
        ("pubsub.md", {"other_topics": {"OrderCreated": "projects/my-shop/topics/a-b"}}, "is not sent"),
        ("pubsub.md", {"push_service_account": "someone@gmail.com"}, "push_service_account"),
    ],
)
def test_wrong_setting_is_rejected_by_name(page: str, changed: dict[str, Any], reason: str) -> None:
    row, *_ = blocks(page, "json")
    ((name, given),) = json.loads(f"{{{row}}}").items()
    with pytest.raises(ValueError, match=reason):
        convert({name: {**given, **changed}}, OrderbusBridges).check(TOPOLOGY, has_stream=False)


@pytest.mark.parametrize("page", PAGES)
def test_aws_commands_on_the_page_exist(page: str) -> None:
    session = Session()
    for command in commands(page, "aws"):
        model = session.get_service_model(command[1])
        operation = {xform_name(name, "-"): name for name in model.operation_names}[command[2]]
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        known = {f"--{xform_name(name, '-')}" for name in shape.members} | {"--query"}
        assert options(command).keys() <= known


def test_event_hubs_is_read_by_the_bridge_to_kafka() -> None:
    hub, kafka = (json.loads(f"{{{row}}}") for row in blocks("event-hubs.md", "json"))
    bridges = convert({**hub, **kafka}, OrderbusBridges)
    bridges.check(TOPOLOGY, has_stream=False)
    assert bridges.kafka is not None
    assert bridges.event_hubs is not None
    assert bridges.kafka.inbound is not None
    assert bridges.kafka.servers == (f"{bridges.event_hubs.hub_url.split('/')[2]}:9093",)
    assert not bridges.kafka.sends
    *_, command = commands("event-hubs.md", "aws")
    assert options(command)["--secret-id"] == NAMES.of("kafka")
    assert json.loads(options(command)["--secret-string"]).keys() == {"username", "password"}


def test_names_of_event_hubs_are_those_of_the_template(assembly: Path) -> None:
    graph, aws = Graph(assembly), [options(each) for each in commands("event-hubs.md", "aws")][:3]
    secret = NAMES.of("event-hubs")
    assert [each.get("--name", each.get("--secret-id")) for each in aws] == [
        secret,
        secret,
        graph.of("Events::Connection")[0].properties["Name"],
    ]
    assert all(json.loads(each["--secret-string"]).keys() == {"client_secret"} for each in aws[:2])
    assert f"resolve:secretsmanager:{secret}:" in json.dumps(graph.of("Events::Connection")[0].properties)


def test_subscription_pushes_what_the_route_accepts(assembly: Path) -> None:
    graph = Graph(assembly)
    (subscription,) = [options(each) for each in commands("pubsub.md", "gcloud") if "--push-endpoint" in each]
    (authorizer,) = [
        each.properties["JwtConfiguration"]
        for each in graph.of("ApiGatewayV2::Authorizer")
        if each.properties["JwtConfiguration"]["Issuer"] == ISSUER
    ]
    routes = {each.properties["RouteKey"] for each in graph.of("ApiGatewayV2::Route")}
    (row,) = blocks("pubsub.md", "json")
    bridge = convert(json.loads(f"{{{row}}}"), OrderbusBridges).pubsub
    assert bridge is not None
    assert authorizer["Audience"] == [subscription["--push-auth-token-audience"]]
    assert f"POST /{subscription['--push-endpoint'].split('/', 3)[3]}" in routes
    assert subscription["--push-auth-service-account"] == bridge.push_service_account
    (member,) = [options(each)["--member"] for each in commands("pubsub.md", "gcloud") if "--member" in each]
    pool = (bridge.identity_provider or "").rpartition("/providers/")[0]
    assert member.startswith(f"principalSet:{pool}/attribute.aws_role/")
