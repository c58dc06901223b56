"""SNS invokes subscribed functions asynchronously: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud import Kind

PRINTS = """
    import json

    def handle(event, context):
        print(json.dumps(event))
"""
FAILS = """
    def handle(event, context):
        raise RuntimeError("no")
"""


def subscribed(world: World, source: str = PRINTS, *, is_permitted: bool = True, **attributes: str) -> str:
    """Subscribe the function `f` to the topic `t`; return the topic's ARN."""
    topic, function = world.topic("t"), world.function("f", source)
    if is_permitted:
        world.cloud.client("lambda").add_permission(
            FunctionName="f",
            StatementId="topic",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=topic,
        )
    world.cloud.client("sns").subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=function, Attributes=attributes
    )
    return topic


def publish(world: World, topic: str, message: str, **options: Any) -> None:
    world.cloud.client("sns").publish(TopicArn=topic, Message=message, **options)
    world.cloud.settle()


def received(world: World) -> list[dict[str, Any]]:
    """Return the events that the function has printed."""
    lines = [line.text for line in world.cloud.services.runtime.logs["f"]]
    return [json.loads(line) for line in lines if line.startswith('{"Records"')]


def test_function_receives_one_record_with_the_notification(world: World) -> None:
    topic = subscribed(world)
    colour = {"colour": {"DataType": "String", "StringValue": "red"}}
    publish(world, topic, "hello", Subject="greeting", MessageAttributes=colour)
    ((record,),) = (event["Records"] for event in received(world))
    (subscription,) = world.cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert {name: value for name, value in record.items() if name != "Sns"} == {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription["SubscriptionArn"],
    }
    sent = record["Sns"]
    assert (sent["Type"], sent["TopicArn"], sent["Message"], sent["Subject"]) == (
        "Notification",
        topic,
        "hello",
        "greeting",
    )
    assert sent["MessageAttributes"] == {"colour": {"Type": "String", "Value": "red"}}
    assert {
        "MessageId",
        "Timestamp",
        "Signature",
        "SignatureVersion",
        "SigningCertUrl",
        "UnsubscribeUrl",
    } <= set(sent)


def test_subject_is_null_and_attributes_empty_without_them(world: World) -> None:
    publish(world, subscribed(world), "hello")
    (event,) = received(world)
    sent = event["Records"][0]["Sns"]
    assert (sent["Subject"], sent["MessageAttributes"]) == (None, {})


def test_function_gets_the_message_for_its_protocol(world: World) -> None:
    message = json.dumps({"default": "all", "lambda": "function", "sqs": "queue"})
    publish(world, subscribed(world), message, MessageStructure="json")
    assert [event["Records"][0]["Sns"]["Message"] for event in received(world)] == ["function"]


def test_filter_policy_decides_which_messages_invoke(world: World) -> None:
    topic = subscribed(world, FilterPolicy='{"n": [1]}', FilterPolicyScope="MessageBody")
    for number in (1, 2):
        publish(world, topic, json.dumps({"n": number}))
    assert len(received(world)) == 1
    assert [hop.destination for hop in world.hops(Kind.FILTERED)] == ["function/f"]


def test_lambda_retries_a_failing_function_and_drops_the_event(world: World) -> None:
    publish(world, subscribed(world, FAILS), "hello")
    world.cloud.advance(minutes=10)
    assert len(world.hops(Kind.FAILED)) == 3
    assert [lost.where for lost in world.cloud.undelivered] == ["function/f"]


def test_message_is_undelivered_when_the_function_admits_no_topic(world: World) -> None:
    publish(world, subscribed(world, is_permitted=False), "hello")
    (lost,) = world.cloud.undelivered
    assert (lost.where, received(world)) == ("topic/t", [])
    assert "function/f rejected it: NO_PERMISSIONS" in lost.reason


def test_message_is_dead_lettered_when_the_function_is_gone(world: World) -> None:
    dead_letters = world.queue("dead")
    topic = subscribed(world, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_letters}))
    world.cloud.client("lambda").delete_function(FunctionName="f")
    publish(world, topic, "hello")
    assert [json.loads(body)["Message"] for body in world.bodies("dead")] == ["hello"]


@pytest.mark.parametrize(
    ("name", "attributes", "message"),
    [("t", {"RawMessageDelivery": "true"}, "raw message delivery"), ("t.fifo", {}, "protocol type")],
)
def test_function_is_no_subscriber_raw_or_of_fifo(
    world: World, name: str, attributes: dict[str, str], message: str
) -> None:
    sns = world.cloud.client("sns")
    fifo = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
    topic = sns.create_topic(Name=name, Attributes=fifo)["TopicArn"]
    with pytest.raises(ClientError, match=message):
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=world.function("f"), Attributes=attributes)
