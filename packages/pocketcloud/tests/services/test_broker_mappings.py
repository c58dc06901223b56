"""Event source mappings on a queue of an Amazon MQ broker (RabbitMQ)."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, cloud_event

from pocketcloud import Kind
from pocketcloud.mq.broker_queue import BrokerMessage, QuorumQueue

BROKER = arn("mq", "broker:b:b-1")
HEAD = """
    import base64, json
    def handle(event, context):
        ((name, messages),) = event["rmqMessagesByQueue"].items()
        bodies = [base64.b64decode(message["data"]).decode() for message in messages]
        print(json.dumps(bodies))
"""
POISONED = (
    HEAD
    + """
        if "bad" in bodies:
            raise RuntimeError("no")
"""
)
ACCESS = [{"Type": "BASIC_AUTH", "URI": arn("secretsmanager", "secret:broker-abc")}]


def mapped(world: World, source: str = HEAD, *, limit: int = 2, **options: Any) -> QuorumQueue:
    """Map a queue of a broker to the function `f`."""
    queue = QuorumQueue(limit)
    given = {"Queues": ["in"], "SourceAccessConfigurations": ACCESS, **options}
    world.cloud.brokers.attach(BROKER, "in", queue)
    world.function("f", source)
    world.mapping(BROKER, "f", **{name: value for name, value in given.items() if value is not None})
    return queue


def publish(queue: QuorumQueue, *bodies: str) -> None:
    for body in bodies:
        queue.publish(BrokerMessage(body=body.encode()))


def test_a_batch_is_acknowledged_whole(world: World) -> None:
    queue = mapped(world, BatchSize=2)
    publish(queue, "a", "b", "c")
    world.cloud.settle()
    assert world.batches("f") == [["a", "b"], ["c"]]
    assert (queue.waiting(), queue.dead_letters) == (0, [])


def test_a_failed_batch_returns_whole_until_the_delivery_limit(world: World) -> None:
    queue = mapped(world, POISONED)
    publish(queue, "a", "bad", "b")
    world.cloud.settle()
    assert world.batches("f") == [["a", "bad", "b"]] * 3
    assert [message.body for message in queue.dead_letters] == [b"a", b"bad", b"b"]


def test_a_message_has_the_fields_of_lambdas_event(world: World) -> None:
    queue = mapped(world, "import json\ndef handle(event, context):\n    print(json.dumps(event))")
    event = cloud_event()
    headers: dict[str, Any] = {f"cloudEvents:{key}": event[key] for key in ("specversion", "id", "subject")}
    properties: dict[str, Any] = {"content_type": "text/plain", "message_id": "m1", "timestamp": 2021}
    queue.publish(BrokerMessage(body=b"hi", headers={**headers, "n": 1}, properties=properties))
    world.cloud.settle()
    received = json.loads(world.cloud.logs("f")[0])
    assert (received["eventSource"], received["eventSourceArn"]) == ("aws:rmq", BROKER)
    (record,) = received["rmqMessagesByQueue"]["in::/"]
    shown = record["basicProperties"]
    assert (record["data"], record["redelivered"], shown["bodySize"]) == ("aGk=", False, 2)
    assert (shown["contentType"], shown["messageId"], shown["appId"]) == ("text/plain", "m1", None)
    assert shown["timestamp"] == "Jan 1, 1970, 12:33:41 AM"
    assert (shown["headers"]["n"], shown["headers"]["cloudEvents:subject"]) == (1, {"bytes": [111, 49]})
    kinds = [hop.kind for hop in world.cloud.journal.of("o1")]
    assert kinds == [Kind.INVOKED, Kind.HANDLED]


def test_a_filter_drops_what_it_does_not_match(world: World) -> None:
    filters = {"Filters": [{"Pattern": json.dumps({"data": {"kind": ["wanted"]}})}]}
    queue = mapped(world, FilterCriteria=filters)
    wanted = json.dumps({"kind": "wanted"})
    publish(queue, wanted, json.dumps({"kind": "other"}), "no JSON")
    world.cloud.settle()
    assert (world.batches("f"), queue.waiting()) == ([[wanted]], 0)


def test_a_broker_mapping_is_updated_and_deleted(world: World) -> None:
    queue, client = mapped(world), world.cloud.client("lambda")
    (made,) = client.list_event_source_mappings(EventSourceArn=BROKER)["EventSourceMappings"]
    assert (made["BatchSize"], made["Queues"], made["SourceAccessConfigurations"]) == (100, ["in"], ACCESS)
    changed = [*ACCESS, {"Type": "VIRTUAL_HOST", "URI": "other"}]
    client.update_event_source_mapping(
        UUID=made["UUID"], BatchSize=1, SourceAccessConfigurations=changed, MaximumBatchingWindowInSeconds=1
    )
    publish(queue, "of another virtual host")
    other = QuorumQueue()
    world.cloud.brokers.attach(BROKER, "in", other, "other")
    publish(other, "a", "b")
    world.cloud.settle()
    assert (world.batches("f"), queue.waiting()) == ([["a"], ["b"]], 1)
    client.delete_event_source_mapping(UUID=made["UUID"])
    publish(other, "c")
    world.cloud.settle()
    assert (other.waiting(), client.list_event_source_mappings()["EventSourceMappings"]) == (1, [])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"FunctionResponseTypes": ["ReportBatchItemFailures"]}, "FunctionResponseTypes"),
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts"),
        ({"DestinationConfig": {"OnFailure": {"Destination": arn("sqs", "q")}}}, "DestinationConfig"),
        ({"Queues": None}, "Queues"),
        ({"SourceAccessConfigurations": []}, "BASIC_AUTH"),
        ({"SourceAccessConfigurations": [*ACCESS, {"Type": "VPC_SUBNET", "URI": "s"}]}, "VPC_SUBNET"),
        ({"BatchSize": 10_001}, "BatchSize"),
    ],
)
def test_a_broker_mapping_rejects_options_by_name(world: World, options: dict[str, Any], named: str) -> None:
    with pytest.raises(ClientError, match=named):
        mapped(world, **options)


def test_a_broker_mapping_needs_its_roles_permissions(world: World) -> None:
    queue = mapped(world)
    iam = world.cloud.client("iam")
    reading = {"Effect": "Allow", "Action": "mq:DescribeBroker", "Resource": BROKER}
    nothing = {**reading, "Resource": arn("mq", "broker:other")}
    for allowed, missing in (nothing, "DescribeBroker"), (reading, "GetSecretValue"):
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName="any", PolicyName="everything", PolicyDocument=document)
        world.function(f"g{missing}")
        with pytest.raises(ClientError, match=missing):
            world.mapping(BROKER, f"g{missing}", Queues=["other"], SourceAccessConfigurations=ACCESS)
    iam.delete_role_policy(RoleName="any", PolicyName="everything")
    publish(queue, "a")
    world.cloud.settle()
    assert (world.batches("f"), queue.waiting()) == ([], 1)
