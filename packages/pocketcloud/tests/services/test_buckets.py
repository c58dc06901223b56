"""S3 buckets: objects in functions, and notifications to each kind of target."""

import json
from typing import Any

import pytest
from small_world import World, arn, policy

from pocketcloud import OfflineCloud

BUCKET = "shop-receipts"
READING = """
    import boto3
    def handle(event, context):
        record = event["Records"][0]["s3"]
        s3 = boto3.client("s3")
        found = s3.get_object(Bucket=record["bucket"]["name"], Key=record["object"]["key"])
        s3.put_object(Bucket=record["bucket"]["name"], Key="out/copy", Body=found["Body"].read())
        return s3.list_objects_v2(Bucket=record["bucket"]["name"])["KeyCount"]
"""


@pytest.fixture
def bucket(world: World) -> World:
    world.cloud.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return world


def notify(world: World, **config: Any) -> None:
    world.cloud.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration=config
    )


def put(world: World, key: str) -> None:
    world.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"paid")


def admit(world: World, name: str) -> str:
    """Create a queue to which S3 may send."""
    return world.queue(
        name, Policy=policy(Principal={"Service": ["s3.amazonaws.com", "events.amazonaws.com"]})
    )


def test_changes_of_objects_reach_event_bridge(cloud: OfflineCloud, bucket: World) -> None:
    bucket.rule("r", {"source": ["aws.s3"]}, {"Arn": bucket.queue("seen")})
    notify(bucket, EventBridgeConfiguration={})
    put(bucket, "a b.txt")
    cloud.client("s3").delete_object(Bucket=BUCKET, Key="a b.txt")
    cloud.settle()
    created, deleted = map(json.loads, bucket.bodies("seen"))
    assert (created["detail-type"], deleted["detail-type"]) == ("Object Created", "Object Deleted")
    assert created["detail"]["bucket"] == {"name": BUCKET}
    assert (created["detail"]["object"]["key"], created["detail"]["object"]["size"]) == ("a b.txt", 4)
    assert deleted["detail"]["deletion-type"] == "Permanently Deleted"


def test_queue_gets_the_events_that_its_filter_matches(cloud: OfflineCloud, bucket: World) -> None:
    rules = [{"Name": "prefix", "Value": "in/"}]
    chosen = {
        "QueueArn": admit(bucket, "q"),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    notify(bucket, QueueConfigurations=[chosen])
    bucket.messages("q")
    for key in ("in/a b", "out/b"):
        put(bucket, key)
    cloud.settle()
    bodies = [json.loads(body) for body in bucket.bodies("q")]
    (record,) = [each["Records"][0] for each in bodies if "Records" in each]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "in/a+b")


def test_function_is_invoked_if_it_admits_s3(cloud: OfflineCloud, bucket: World) -> None:
    chosen = {
        "LambdaFunctionArn": bucket.function("f", READING),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
    }
    notify(bucket, LambdaFunctionConfigurations=[chosen])
    put(bucket, "in/1")
    cloud.settle()
    assert "is not authorized" in cloud.undelivered[0].reason
    cloud.client("lambda").add_permission(
        FunctionName="f",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceAccount="123456789012",
    )
    put(bucket, "in/2")
    cloud.settle()
    copied = cloud.client("s3").get_object(Bucket=BUCKET, Key="out/copy")["Body"].read()
    assert copied == b"paid"


def test_event_without_its_target_is_undelivered(cloud: OfflineCloud, bucket: World) -> None:
    target = admit(bucket, "q")
    notify(bucket, QueueConfigurations=[{"QueueArn": target, "Events": ["s3:ObjectCreated:*"]}])
    cloud.client("sqs").delete_queue(QueueUrl=bucket.url("q"))
    put(bucket, "a")
    cloud.settle()
    assert arn("sqs", "q") in cloud.undelivered[-1].reason
