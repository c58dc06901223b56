"""The setup pages of the neighbours: their settings, names and commands are those of the template."""

import json
import shlex
from pathlib import Path

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
    (row,) = blocks(page, "json")
    bridges = convert(json.loads(f"{{{row}}}"), OrderbusBridges)
    bridges.check(TOPOLOGY, has_stream=False)
    (name,) = bridges.rows
    described = (FOLDER / page).read_text()
    fields = set(type(bridges.rows[name]).__struct_fields__) - {"token_url", "other_topics"}
    assert not [field for field in fields if f"| `{field}` |" not in described]


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


def test_names_of_event_hubs_are_those_of_the_template(assembly: Path) -> None:
    graph, aws = Graph(assembly), [options(each) for each in commands("event-hubs.md", "aws")]
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
    pool = bridge.identity_provider.rpartition("/providers/")[0]
    assert member.startswith(f"principalSet:{pool}/attribute.aws_role/")
