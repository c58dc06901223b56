"""Bridges to brokers in a VPC: Kafka of Amazon MSK with IAM, a Kafka of one's own, and RabbitMQ."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assemblies import service_stacks
from tests.neighbours.setup_page import blocks
from tests.workflow.rabbit_stage import SETTINGS

ROW: dict[str, Any] = json.loads(f"{{{blocks('kafka.md', 'json')[2]}}}")["kafka"]
"""The row of Amazon MSK on the page."""
CLUSTER = ROW["cluster_arn"]
TOPIC, GROUP = CLUSTER.replace(":cluster/", ":topic/"), CLUSTER.replace(":cluster/", ":group/")
CHANGES = {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"}
LOOKS = {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}
ADDRESSES = {"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}

Stack = dict[str, dict[str, Any]]
"""The resources of a template."""
Deployed = Callable[..., Stack]


@pytest.fixture
def stack(tmp_path: Path) -> Deployed:
    """Return the stack of the bridge to a broker with this row; CloudFormation's rules hold."""

    def synthesise(broker: str, **row: Any) -> Stack:
        assembly = service_stacks(tmp_path / broker, broker, is_validated=True, bridges={broker: row})
        found = json.loads((assembly / f"orderbus-dev-{broker}.template.json").read_text())["Resources"]
        return dict(found)

    return synthesise


def of_kind(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in stack.values() if each["Type"] == kind]


def statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """Return the statements of a function's role about the cluster and the network."""
    found = [
        statement
        for policy in of_kind(stack, "AWS::IAM::Policy")
        if role in json.dumps(policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    return [each for each in found if str(each["Action"]).count("kafka") or str(each["Action"]).count("ec2:")]


def allowed(stack: Stack, role: str, resource: str) -> set[str]:
    """Return the actions that the role may do on exactly that resource, without those of tracing."""
    chosen = (each for each in statements(stack, role) if each["Effect"] == "Allow")
    listed = [each["Action"] for each in chosen if each["Resource"] == resource]
    actions = {action for each in listed for action in ([each] if isinstance(each, str) else each)}
    return {each for each in actions if not each.startswith("xray:")}


def test_roles_use_one_topic_and_group_of_msk(stack: Deployed) -> None:
    made = stack("kafka", **ROW)
    assert allowed(made, "ConsumerFunction", CLUSTER) == {
        "kafka-cluster:Connect",
        "kafka-cluster:WriteDataIdempotently",
    }
    assert allowed(made, "ConsumerFunction", f"{TOPIC}/orders") == {
        "kafka-cluster:DescribeTopic",
        "kafka-cluster:WriteData",
    }
    assert allowed(made, "InboundRole", CLUSTER) == {
        "kafka:DescribeClusterV2",
        "kafka:GetBootstrapBrokers",
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeClusterDynamicConfiguration",
    }
    assert allowed(made, "InboundRole", f"{TOPIC}/deliveries") == {
        "kafka-cluster:DescribeTopic",
        "kafka-cluster:ReadData",
    }
    assert allowed(made, "InboundRole", f"{GROUP}/orderbus") == {
        "kafka-cluster:AlterGroup",
        "kafka-cluster:DescribeGroup",
    }
    assert of_kind(made, "AWS::SecretsManager::Secret") == []


def test_mapping_of_msk_names_the_cluster_and_no_secret(stack: Deployed) -> None:
    mappings = of_kind(stack("kafka", **ROW), "AWS::Lambda::EventSourceMapping")
    (mapping,) = (each for each in mappings if "Topics" in each)
    assert mapping["EventSourceArn"] == CLUSTER
    assert mapping["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "orderbus"}
    assert not mapping.keys() & {"SelfManagedEventSource", "SourceAccessConfigurations"}


def test_only_the_sending_function_is_in_the_vpc(stack: Deployed) -> None:
    made = stack("kafka", **ROW)
    functions = of_kind(made, "AWS::Lambda::Function")
    configured = {each["FunctionName"]: each.get("VpcConfig") for each in functions}
    network = {"SubnetIds": ROW["vpc"]["subnets"], "SecurityGroupIds": ROW["vpc"]["security_groups"]}
    assert configured == {"orderbus-dev-kafka": network, "orderbus-dev-kafka-inbound": None}


def assert_in_network(made: Stack) -> None:
    """Lambda may make interfaces in the named subnets only, and the function's own code none."""
    rules = [each for each in statements(made, "ConsumerFunction") if "ec2:" in str(each["Action"])]
    denied = [each for each in rules if each["Effect"] == "Deny"]
    assert [set(each["Action"]) for each in denied] == [CHANGES | LOOKS | ADDRESSES]
    assert "orderbus-dev-" in json.dumps(denied[0]["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"])
    (create,) = (each for each in rules if each["Action"] == "ec2:CreateNetworkInterface")
    resources = json.dumps(create["Resource"])
    for name in (*ROW["vpc"]["subnets"], *ROW["vpc"]["security_groups"]):
        assert f"/{name}" in resources
    assert "subnet/*" not in resources
    assert allowed(made, "ConsumerFunction", "*") == LOOKS


def test_function_may_make_interfaces_in_its_subnets_only(stack: Deployed) -> None:
    assert_in_network(stack("kafka", **ROW))
    assert_in_network(stack("rabbitmq", **SETTINGS["rabbitmq"], vpc=ROW["vpc"]))


def test_pollers_of_our_own_kafka_are_in_vpc(stack: Deployed) -> None:
    row = {name: value for name, value in ROW.items() if name != "cluster_arn"}
    made = stack("kafka", **{**row, "sasl": "SCRAM-SHA-512"})
    (mapping,) = (each for each in of_kind(made, "AWS::Lambda::EventSourceMapping") if "Topics" in each)
    access = [(each["Type"], each["URI"]) for each in mapping["SourceAccessConfigurations"][1:]]
    assert access == [
        *(("VPC_SUBNET", f"subnet:{name}") for name in ROW["vpc"]["subnets"]),
        *(("VPC_SECURITY_GROUP", f"security_group:{name}") for name in ROW["vpc"]["security_groups"]),
    ]
    assert LOOKS | {"ec2:DescribeVpcs", "ec2:DescribeSecurityGroups"} == allowed(made, "InboundRole", "*")


@pytest.mark.parametrize("broker", ["rabbitmq", "pubsub"])
def test_alarms_of_both_directions_differ_in_name(stack: Deployed, broker: str) -> None:
    rows = {**SETTINGS, **json.loads(f"{{{blocks('pubsub.md', 'json')[0]}}}")}
    made = stack(broker, **rows[broker])
    names = [each["AlarmName"] for each in of_kind(made, "AWS::CloudWatch::Alarm")]
    assert len(names) == len(set(names))
    ends = sorted(name for name in names if name.endswith("not-dead-lettered"))
    assert len(ends) == 2
