"""The bridge to Kafka in the templates: its page's row, the fewest permissions, a layer of its own."""

import json
from typing import Any

import pytest

from infrastructure.application import InvalidStageError
from infrastructure.orderbus import ORDERBUS
from tests.assemblies import settings_of_stages
from tests.infrastructure.conftest import KAFKA as ROW
from tests.infrastructure.graph import Graph
from tests.neighbours.setup_page import blocks

CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/751d2973-a626-431c-9d4e-d7975eb44dd7-2"
LOCAL = {**ROW, "servers": ["127.0.0.1:9092"], "sasl": None}


@pytest.fixture
def template(chosen: Graph) -> dict[str, dict[str, Any]]:
    """The resources of the bridge's stack, with the row of its page."""
    resources: dict[str, dict[str, Any]] = chosen.templates["orderbus-dev-kafka"]["Resources"]
    return resources


def of_kind(template: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template.values() if each["Type"] == kind]


def actions(template: dict[str, dict[str, Any]], role: str) -> set[str]:
    """Return the actions that the function's role may do."""
    found: set[str] = set()
    for policy in of_kind(template, "AWS::IAM::Policy"):
        if role in json.dumps(policy["Roles"]):
            for statement in policy["PolicyDocument"]["Statement"]:
                listed = statement["Action"]
                found |= {listed} if isinstance(listed, str) else set(listed)
    return {each for each in found if not each.startswith(("logs:", "xray:"))}


def test_queue_receives_the_facts_of_the_row(template: dict[str, dict[str, Any]]) -> None:
    topics = json.dumps([each["TopicArn"] for each in of_kind(template, "AWS::SNS::Subscription")])
    assert len(of_kind(template, "AWS::SNS::Subscription")) == len(ROW["facts"])
    assert "orderbus-dev-order-confirmed" in topics
    (queue,) = [each for each in of_kind(template, "AWS::SQS::Queue") if "RedrivePolicy" in each]
    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] >= 24 * 60 * 60


def test_mapping_retries_within_bounds_and_names_failures(template: dict[str, dict[str, Any]]) -> None:
    mappings = of_kind(template, "AWS::Lambda::EventSourceMapping")
    (mapping,) = [each for each in mappings if "SelfManagedEventSource" in each]
    assert mapping["SelfManagedEventSource"]["Endpoints"] == {"KafkaBootstrapServers": ROW["servers"]}
    assert (mapping["Topics"], mapping["StartingPosition"]) == (["deliveries"], "TRIM_HORIZON")
    assert mapping["ProvisionedPollerConfig"] == {"MinimumPollers": 1, "MaximumPollers": 1}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 10_000
    assert "orderbus-dev-kafka-inbound-dlq" in json.dumps(mapping["DestinationConfig"])
    (access,) = mapping["SourceAccessConfigurations"]
    assert access["Type"] == "SASL_SCRAM_512_AUTH"


def test_functions_have_the_fewest_permissions(template: dict[str, dict[str, Any]]) -> None:
    polls = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    secret = "secretsmanager:GetSecretValue"
    assert actions(template, "ConsumerFunction") == {*polls, "sqs:SendMessage", secret}
    assert actions(template, "InboundRole") == {"events:PutEvents", "sqs:SendMessage", secret}


def test_client_is_in_a_layer_of_the_bridge_alone(template: dict[str, dict[str, Any]]) -> None:
    descriptions = sorted(each["Description"] for each in of_kind(template, "AWS::Lambda::LayerVersion"))
    assert descriptions == ["What requirements/kafka.txt locks", "What requirements/lambda.txt locks"]
    assert {len(each["Layers"]) for each in of_kind(template, "AWS::Lambda::Function")} == {2}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({**ROW, "sasl": None}, "null is for brokers at 127.0.0.1"),
        ({**ROW, "sasl": "GSSAPI"}, "Invalid enum value 'GSSAPI'"),
        ({**ROW, "sasl": "IAM"}, "cluster_arn is for the sasl IAM"),
        ({**ROW, "cluster_arn": CLUSTER}, "cluster_arn is for the sasl IAM"),
        ({**ROW, "sasl": "IAM", "cluster_arn": f"{CLUSTER}/orders"}, "cluster_arn"),
        ({**ROW, "vpc": {"subnets": ["vpc-1"], "security_groups": ["sg-0123abcd"]}}, "subnets"),
        ({**ROW, "vpc": {"subnets": ["subnet-0123abcd"], "security_groups": []}}, "security_groups"),
        ({**ROW, "servers": []}, "servers"),
        ({**ROW, "servers": ["no-port"]}, "servers"),
        ({**ROW, "topic": "two words"}, "topic"),
        ({**ROW, "facts": []}, "facts"),
        ({**ROW, "facts": ["OrderEaten"]}, "no service publishes OrderEaten"),
        ({**ROW, "ordered": True}, "set ordered_stream too"),
        ({**ROW, "inbound": {**ROW["inbound"], "topic": ROW["topic"]}}, "would come in again"),
        ({**ROW, "inbound": {**ROW["inbound"], "maximum_pollers": 0}}, "maximum_pollers"),
        ({**ROW, "vpc": "vpc-1"}, "Expected `object"),
        ({key: value for key, value in ROW.items() if key != "sasl"}, "missing required field `sasl`"),
    ],
)
def test_wrong_row_stops_the_synthesis_by_name(row: dict[str, Any], reason: str) -> None:
    context = settings_of_stages()
    context["stages"]["dev"]["bridges"] = {"kafka": row}
    with pytest.raises(InvalidStageError, match=reason):
        ORDERBUS.stage("dev", context["stages"])


def test_row_on_the_page_of_all_bridges_is_valid() -> None:
    context = settings_of_stages()
    context["stages"]["dev"] |= json.loads(f"{{{blocks('README.md', 'json')[0]}}}")
    (bridge,) = ORDERBUS.stage("dev", context["stages"]).bridges
    assert bridge.reacts_to == ("OrderCreated", "OrderConfirmed")


def test_functions_exist_only_where_the_row_asks_for_them() -> None:
    context = settings_of_stages()
    stream = {"shards": 1, "retention_hours": 24}
    context["stages"]["dev"] |= {"bridges": {"kafka": {**LOCAL, "ordered": True}}, "ordered_stream": stream}
    (ordered,) = ORDERBUS.stage("dev", context["stages"]).bridges
    assert [each.module for each in ordered.functions] == ["ordered", "inbound"]
    context["stages"]["dev"]["bridges"]["kafka"] = {**LOCAL, "inbound": None}
    (queued,) = ORDERBUS.stage("dev", context["stages"]).bridges
    assert [each.module for each in queued.functions] == ["handler"]
