"""Event source mappings on a topic of a Kafka cluster: outside AWS, or of Amazon MSK."""

import json
from typing import Any

import pytest
from small_world import World, arn

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError

SECRET = arn("secretsmanager", "secret:kafka-abc")
PROVISIONED = {"MinimumPollers": 1, "MaximumPollers": 1}
HEAD = """
    import base64, json
    def handle(event, context):
        ((name, records),) = event["records"].items()
        values = [base64.b64decode(record["value"]).decode() for record in records]
        print(json.dumps(values))
"""
REPORTING = (
    HEAD
    + """
        failed = [record for record, value in zip(records, values) if value == "bad"]
        return {"batchItemFailures": [
            {"itemIdentifier": {"partition": name, "offset": record["offset"]}} for record in failed
        ]}
"""
)


def mapped(world: World, source: str = HEAD, **options: Any) -> None:
    """Map the topic `t` to a new function `f`."""
    world.function("f", source)
    create_mapping(world, **options)


def create_mapping(world: World, **options: Any) -> None:
    """Map the topic `t` to the function `f`."""
    given = {
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["one:9096", "two:9096"]}},
        "Topics": ["t"],
        "StartingPosition": "TRIM_HORIZON",
        "ProvisionedPollerConfig": PROVISIONED,
        **options,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    world.cloud.client("lambda").create_event_source_mapping(FunctionName="f", **chosen)


def put(world: World, *values: str, partition: int = 0) -> None:
    for value in values:
        world.cloud.kafka.put("t", value.encode(), key=b"k", partition=partition)


def test_each_partition_is_read_in_order(world: World) -> None:
    mapped(world, BatchSize=2)
    put(world, "a", "b", "c")
    put(world, "x", partition=1)
    world.cloud.settle()
    batches = world.batches("f")
    assert [batch for batch in batches if batch != ["x"]] == [["a", "b"], ["c"]]
    assert ["x"] in batches


def test_record_has_the_fields_of_lambdas_event(world: World) -> None:
    mapped(world, "import json\ndef handle(event, context):\n    print(json.dumps(event))")
    headers = [("ce_id", b"e1"), ("ce_subject", "Süd".encode()), ("x", None)]
    world.cloud.kafka.put("t", None, headers=headers, partition=2)
    world.cloud.settle()
    received = json.loads(world.cloud.logs("f")[0])
    assert (received["eventSource"], received["bootstrapServers"]) == (
        "SelfManagedKafka",
        "one:9096,two:9096",
    )
    (record,) = received["records"]["t-2"]
    assert (record["offset"], record["timestampType"]) == (0, "CREATE_TIME")
    assert not record.keys() & {"key", "value"}
    assert record["headers"] == [{"ce_id": [101, 49]}, {"ce_subject": [83, -61, -68, 100]}, {"x": None}]
    assert [hop.kind for hop in world.cloud.journal.of("Süd")] == [Kind.INVOKED, Kind.HANDLED]


def test_reported_record_comes_again_and_then_is_named(world: World) -> None:
    world.queue("failures")
    mapped(
        world,
        REPORTING,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": arn("sqs", "failures")}},
    )
    put(world, "a", "bad", "b")
    world.cloud.settle()
    assert world.batches("f")[0] == ["a", "bad", "b"]
    assert world.batches("f")[-1] == ["b"]
    (message,) = world.messages("failures")
    info = json.loads(message["Body"])["KafkaBatchInfo"]
    places = info["recordsInfo"]["t-0"]
    assert (places["firstRecordOffset"], places["lastRecordOffset"]) == ("1", "1")
    assert places["firstRecordTimestamp"].endswith("Z")
    assert (info["batchSize"], info["bootstrapServers"]) == (1, "one:9096,two:9096")
    assert info["payloadSize"] > 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"Topics": None}, "Topics"),
        ({"Topics": ["t", "u"]}, "Topics"),
        ({"SelfManagedEventSource": {"Endpoints": {}}}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"StartingPosition": None}, "startingPosition"),
        ({"ProvisionedPollerConfig": None, "MaximumRetryAttempts": 3}, "provisioned mode"),
        ({"ProvisionedPollerConfig": None, "BisectBatchOnFunctionError": True}, "provisioned mode"),
        ({"ParallelizationFactor": 2}, "ParallelizationFactor"),
        ({"SourceAccessConfigurations": [{"Type": "OAUTHBEARER_AUTH", "URI": SECRET}]}, "OAUTHBEARER_AUTH"),
    ],
)
def test_wrong_or_unsupported_option_is_rejected_by_name(
    world: World, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(Exception, match=named) as rejected:
        mapped(world, **options)
    assert isinstance(rejected.value, UnsupportedOfflineError) or "operation" in str(rejected.value)


def test_mapping_shows_its_cluster_and_no_arn(world: World) -> None:
    mapped(world)
    (shown,) = world.cloud.client("lambda").list_event_source_mappings(FunctionName="f")[
        "EventSourceMappings"
    ]
    assert "EventSourceArn" not in shown
    assert shown["Topics"] == ["t"]
    assert shown["ProvisionedPollerConfig"] == PROVISIONED


MSK = {
    "EventSourceArn": arn("kafka", "cluster/shop/751d2973-a626-431c-9d4e-d7975eb44dd7-2"),
    "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"},
    "SelfManagedEventSource": None,
}


def test_cluster_of_msk_is_read_by_its_arn(world: World) -> None:
    world.queue("failures")
    failures = {"OnFailure": {"Destination": arn("sqs", "failures")}}
    failing = "import json\ndef handle(event, context):\n    print(json.dumps(event))\n    raise RuntimeError"
    mapped(world, failing, **MSK, DestinationConfig=failures, MaximumRetryAttempts=1)
    put(world, "a")
    world.cloud.settle()
    received = json.loads(world.cloud.logs("f")[0])
    assert (received["eventSource"], received["eventSourceArn"]) == ("aws:kafka", MSK["EventSourceArn"])
    (message,) = world.messages("failures")
    assert json.loads(message["Body"])["KafkaBatchInfo"]["eventSourceArn"] == MSK["EventSourceArn"]
    (shown,) = world.cloud.client("lambda").list_event_source_mappings(FunctionName="f")[
        "EventSourceMappings"
    ]
    assert shown["EventSourceArn"] == MSK["EventSourceArn"]


@pytest.mark.parametrize(
    "denied",
    [
        "kafka:DescribeClusterV2",
        "kafka-cluster:Connect",
        "kafka-cluster:ReadData",
        "kafka-cluster:AlterGroup",
        "ec2:CreateNetworkInterface",
    ],
)
def test_mapping_of_msk_needs_every_permission(world: World, denied: str) -> None:
    world.function("f", HEAD)
    statements = [{"Effect": "Deny", "Action": denied, "Resource": "*"}]
    role = world.cloud.client("lambda").get_function_configuration(FunctionName="f")["Role"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    world.cloud.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2], PolicyName="denied", PolicyDocument=document
    )
    with pytest.raises(Exception, match=f"permissions to call {denied.partition(':')[2]}"):
        create_mapping(world, **MSK)
