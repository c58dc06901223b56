"""Lambda's responses to requests about event source mappings.

The facts are from LocalStack's AWS-validated snapshots, recorded on 25 and 27 November 2025:
`tests/aws/services/lambda_` of github.com/localstack/localstack at 23 March 2026.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import FAILING, World, arn

_NULL = (
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint:"
    " Member must not be null."
)
_INVALID = (
    "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint:"
    " Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
)
_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."


def create(world: World, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.cloud.client("lambda").create_event_source_mapping(**options)
    return made


def rejected(world: World, **options: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        create(world, **options)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_disabled_mapping_is_created_disabled_and_enables_later(world: World) -> None:
    source, client = world.queue("jobs"), world.cloud.client("lambda")
    world.function("f")
    made = create(world, EventSourceArn=source, FunctionName="f", Enabled=False, BatchSize=1)
    assert made["State"] == "Disabled"
    assert client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)["State"] == "Enabling"
    assert client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Unrecognized event source."),
        ({"EventSourceArn": arn("sqs", "nowhere")}, "Function does not exist"),
        (
            {
                "EventSourceArn": arn("sqs", "nowhere"),
                "DestinationConfig": {"OnSuccess": {"Destination": arn("sqs", "other")}},
            },
            _DESTINATION,
        ),
    ],
)
def test_mapping_names_the_first_error(world: World, options: dict[str, Any], message: str) -> None:
    found = rejected(world, FunctionName="nobody", **options)
    assert found == ("InvalidParameterValueException", message)


@pytest.mark.parametrize("position", [None, "invalid", "AT_TIMESTAMP"])
def test_stream_mapping_needs_a_position_of_its_kind(world: World, position: str | None) -> None:
    stream = world.table()
    world.function("f")
    given = {} if position is None else {"StartingPosition": position}
    expected = {
        None: ("InvalidParameterValueException", _NULL),
        "invalid": ("ValidationException", _INVALID),
        "AT_TIMESTAMP": (
            "InvalidParameterValueException",
            f"Unsupported starting position for arn type: {stream}",
        ),
    }
    assert rejected(world, FunctionName="f", EventSourceArn=stream, **given) == expected[position]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("f", "f"),
        ("f:$LATEST", "f:$LATEST"),
        ("f:1", "f:1"),
        ("f:live", "f:live"),
        (arn("lambda", "function:f"), "f"),
        (arn("lambda", "function:f:1"), "f:1"),
        (arn("lambda", "function:f:live"), "f:live"),
    ],
)
def test_mapping_shows_the_function_as_it_was_named(world: World, name: str, shown: str) -> None:
    source, client = world.queue("jobs"), world.cloud.client("lambda")
    world.function("f")
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    made = create(world, EventSourceArn=source, FunctionName=name)
    assert made["FunctionArn"] == arn("lambda", f"function:{shown}")


def test_stream_mapping_shows_its_last_result(world: World) -> None:
    stream, client = world.table(), world.cloud.client("lambda")
    world.function("f")
    uuid = world.mapping(stream, "f", StartingPosition="TRIM_HORIZON")
    results = [client.get_event_source_mapping(UUID=uuid)["LastProcessingResult"]]
    world.put("a")
    world.cloud.settle()
    disabling = client.update_event_source_mapping(UUID=uuid, Enabled=False)
    assert [*results, disabling["LastProcessingResult"]] == ["No records processed", "OK"]
    assert disabling["State"] == "Disabling"


def test_bucket_gets_discarded_records_with_their_payload(world: World) -> None:
    stream, s3 = world.table(), world.cloud.client("s3")
    s3.create_bucket(Bucket="failed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    world.function("f", FAILING)
    failed = {"OnFailure": {"Destination": "arn:aws:s3:::failed"}}
    options = {"StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 1, "BatchSize": 1}
    uuid = world.mapping(stream, "f", DestinationConfig=failed, **options)
    world.put("a")
    world.cloud.settle()
    (stored,) = s3.list_objects_v2(Bucket="failed")["Contents"]
    record = json.loads(s3.get_object(Bucket="failed", Key=stored["Key"])["Body"].read())
    shard, at = record["DDBStreamBatchInfo"]["shardId"], record["timestamp"]
    day, time = at[:10].replace("-", "/"), at[:19].replace(":", ".")
    assert stored["Key"].startswith(f"aws/lambda/{uuid}/{shard}/{day}/{time}-")
    assert json.loads(record["payload"])["Records"][0]["dynamodb"]["Keys"] == {"pk": {"S": "a"}}
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2


@pytest.mark.parametrize("kind", ["queue", "stream"])
def test_mapping_outlives_its_function(world: World, kind: str) -> None:
    source, client = world.queue("jobs") if kind == "queue" else world.table(), world.cloud.client("lambda")
    world.function("f")
    position = {} if kind == "queue" else {"StartingPosition": "TRIM_HORIZON"}
    uuid = world.mapping(source, "f", **position)
    client.delete_function(FunctionName="f")
    if kind == "queue":
        world.send("jobs", "kept")
    else:
        world.put("kept")
    world.cloud.advance(minutes=1)
    assert client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled"
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    if kind == "queue":
        assert world.bodies("jobs") == ["kept"]


def test_mapping_outlives_its_table(world: World) -> None:
    stream, client = world.table(), world.cloud.client("lambda")
    world.function("f")
    uuid = world.mapping(stream, "f", StartingPosition="TRIM_HORIZON")
    world.put("a")
    world.cloud.settle()
    world.cloud.client("dynamodb").delete_table(TableName="log")
    world.cloud.settle()
    (listed,) = client.list_event_source_mappings(EventSourceArn=stream)["EventSourceMappings"]
    assert (listed["UUID"], listed["State"]) == (uuid, "Enabled")
