"""The stack of the bridge to RabbitMQ: its row is checked, and its roles may do what they need."""

import json
from typing import Any

import pytest

from infrastructure.application import InvalidStageError
from infrastructure.neighbours import EVERY_FACT
from infrastructure.orderbus import ORDERBUS
from infrastructure.topology import TOPOLOGY
from tests.assemblies import service_stacks, settings_of_stages
from tests.workflow.rabbit_stage import BROKER, QUEUE, SETTINGS

ROW: dict[str, Any] = SETTINGS["rabbitmq"]
INBOUND: dict[str, Any] = ROW["inbound"]


def stage_with(**changes: Any) -> Any:
    stages = settings_of_stages()["stages"]
    stages["dev"]["bridges"] = {"rabbitmq": {**ROW, **changes}}
    return ORDERBUS.stage("dev", stages)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"url": "amqp://broker.example.com:5672"}, "url"),
        ({"url": "https://broker.example.com"}, "url"),
        ({"exchange": "amq.topic"}, "exchange"),
        ({"facts": ["OrderEaten"]}, "no service publishes OrderEaten"),
        (
            {"inbound": {**INBOUND, "broker_arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c"}},
            "broker_arn",
        ),
        ({"inbound": {**INBOUND, "prefetch": 5}}, "prefetch"),
    ],
)
def test_row_is_rejected_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidStageError, match=named):
        stage_with(**changes)


def test_row_selects_facts_and_directions() -> None:
    chosen = stage_with(facts=["OrderConfirmed"], inbound=None, url="amqps://b.example.com/a%2Fb")
    (bridge,) = chosen.bridges
    assert bridge.reacts_to == ("OrderConfirmed",)
    assert [function.module for function in bridge.functions] == ["handler"]
    assert chosen.settings.bridges.rabbitmq.virtual_host == "a/b"
    assert stage_with().settings.bridges.rabbitmq.virtual_host == "/"
    assert set(EVERY_FACT) == {fact.name for fact in TOPOLOGY.own_facts}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    assembly = service_stacks(tmp_path_factory.mktemp("rabbitmq"), "rabbitmq", bridges=SETTINGS)
    (path,) = assembly.glob("*rabbitmq.template.json")
    found: dict[str, dict[str, Any]] = json.loads(path.read_text())["Resources"]
    return found


def statements(resources: dict[str, dict[str, Any]], role: str) -> set[str]:
    """Return the actions of the policies of a role."""
    return {
        action
        for name, each in resources.items()
        if each["Type"] == "AWS::IAM::Policy" and name.startswith(role)
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_mapping_reads_one_queue_with_the_secret(resources: dict[str, dict[str, Any]]) -> None:
    mappings = [
        each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    (mapping,) = (each for each in mappings if each["EventSourceArn"] == BROKER)
    assert mapping["Queues"] == [QUEUE]
    kinds = {each["Type"]: each["URI"] for each in mapping["SourceAccessConfigurations"]}
    assert (set(kinds), kinds["VIRTUAL_HOST"]) == ({"BASIC_AUTH", "VIRTUAL_HOST"}, "/")


def test_roles_may_do_what_their_direction_needs(resources: dict[str, dict[str, Any]]) -> None:
    out, into = statements(resources, "Consumer"), statements(resources, "Inbound")
    assert {action for action in out if action.split(":")[0] in {"events", "mq", "ec2", "dynamodb"}} == set()
    assert "secretsmanager:GetSecretValue" in out & into
    assert {"mq:DescribeBroker", "events:PutEvents", "sqs:SendMessage"} <= into
    assert not any(action.startswith(("dynamodb:", "sqs:Receive")) for action in into)
