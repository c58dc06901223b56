import base64
import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from small_world import World, arn, cloud_event, entry

from pocketcloud import Kind
from pocketcloud.core.engine import UnsupportedOfflineError


def publish(world: World, topic: str, message: str, **attributes: str) -> None:
    """Publish with string attributes, and settle."""
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    world.cloud.client("sns").publish(TopicArn=topic, Message=message, MessageAttributes=typed)
    world.cloud.settle()


def test_raw_delivery_passes_message_and_attributes(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("q"))
    publish(world, topic, "hello", colour="red")
    (message,) = world.messages("q")
    assert message["Body"] == "hello"
    assert message["MessageAttributes"]["colour"]["StringValue"] == "red"


@pytest.mark.parametrize("raw", [{"raw": False}, {}])
def test_message_has_an_envelope_without_raw_delivery(world: World, raw: dict[str, bool]) -> None:
    topic = world.topic("t")
    queue = world.queue("q")
    if raw:
        world.subscribe(topic, queue, raw=False)
    else:
        world.cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    publish(world, topic, json.dumps(cloud_event()))
    envelope = json.loads(world.bodies("q")[0])
    assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", topic)
    assert json.loads(envelope["Message"]) == cloud_event()
    (enqueued,) = world.hops(Kind.ENQUEUED)
    assert enqueued.event is not None
    assert enqueued.event.subject == "o1"


def test_filter_policy_on_attributes_passes_only_matching_messages(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("q"), FilterPolicy='{"colour": [{"anything-but": {"prefix": "re"}}]}')
    publish(world, topic, "1", colour="red")
    publish(world, topic, "2", colour="blue")
    publish(world, topic, "3")
    assert world.bodies("q") == ["2"]
    assert [hop.destination for hop in world.hops(Kind.FILTERED)] == ["queue/q", "queue/q"]


def test_filter_policy_on_the_body_matches_its_json(world: World) -> None:
    topic = world.topic("t")
    policy = '{"$or": [{"total": [{"numeric": [">", 5]}]}, {"ip": [{"cidr": "10.0.0.0/8"}]}]}'
    world.subscribe(topic, world.queue("q"), FilterPolicy=policy, FilterPolicyScope="MessageBody")
    for message in ('{"total": 6}', '{"total": 5}', '{"ip": "10.1.1.1"}', "not JSON"):
        publish(world, topic, message)
    assert world.bodies("q") == ['{"total": 6}', '{"ip": "10.1.1.1"}']


def test_message_is_undelivered_when_the_topic_has_no_subscribers(world: World) -> None:
    world.rule("all", {"source": ["orders"]}, {"Arn": world.topic("t")})
    world.cloud.put_events([entry()])
    world.cloud.settle()
    assert [(lost.where, lost.reason) for lost in world.cloud.undelivered] == [
        ("topic/t", "the topic has no subscribers")
    ]


def test_filtered_message_leaves_only_a_hop(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("q"), FilterPolicy='{"colour": ["red"]}')
    publish(world, topic, "1", colour="blue")
    assert [hop.reason for hop in world.hops(Kind.DROPPED)] == ["no subscription matched"]
    assert world.cloud.undelivered == []


def enveloped(world: World, topic: str) -> dict[str, str]:
    """Publish to a queue without raw delivery; return the envelope."""
    world.subscribe(topic, world.queue("q"), raw=False)
    world.cloud.client("sns").publish(TopicArn=topic, Message="hello", Subject="greeting")
    world.cloud.settle()
    envelope: dict[str, str] = json.loads(world.bodies("q")[0])
    return envelope


def test_envelope_names_the_subscription_in_its_region(world: World) -> None:
    envelope = enveloped(world, world.topic("t"))
    (subscription,) = world.cloud.client("sns").list_subscriptions()["Subscriptions"]
    unsubscribe = "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
    assert envelope["UnsubscribeURL"] == unsubscribe + subscription["SubscriptionArn"]
    assert (envelope["SignatureVersion"], envelope["Subject"]) == ("1", "greeting")


def test_envelope_has_a_valid_signature_of_the_topics_version(world: World) -> None:
    topic, sns = world.topic("t"), world.cloud.client("sns")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")
    envelope = enveloped(world, topic)
    names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    signed = "".join(f"{name}\n{envelope[name]}\n" for name in names)
    certificates = vars(world.cloud.engine.sns)["_message_public_keys"]
    key = load_pem_x509_certificate(certificates[envelope["SigningCertURL"].rpartition("/")[2]]).public_key()
    assert isinstance(key, RSAPublicKey)
    assert envelope["SignatureVersion"] == "2"
    key.verify(base64.b64decode(envelope["Signature"]), signed.encode(), PKCS1v15(), hashes.SHA256())


def test_message_is_dead_lettered_when_the_queue_is_deleted(world: World) -> None:
    topic = world.topic("t")
    redrive = json.dumps({"deadLetterTargetArn": world.queue("dlq")})
    world.subscribe(topic, world.queue("q"), RedrivePolicy=redrive)
    world.cloud.client("sqs").delete_queue(QueueUrl=world.url("q"))
    publish(world, topic, "hello")
    assert world.bodies("dlq") == ["hello"]
    (lost,) = world.cloud.undelivered
    assert lost.where == "queue/dlq"
    assert "queue q does not exist" in lost.reason


def test_message_is_dropped_without_a_dead_letter_queue(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, arn("sqs", "never-made"))
    publish(world, topic, "hello")
    assert [lost.where for lost in world.cloud.undelivered] == ["topic/t"]


def test_delivery_is_retried_when_the_queue_is_unavailable(world: World) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("q"))
    world.cloud.outages.add("queue/q")
    world.cloud.client("sns").publish(TopicArn=topic, Message="hello")
    world.cloud.advance(minutes=5)
    assert world.bodies("q") == []
    world.cloud.outages.clear()
    world.cloud.settle()
    assert world.bodies("q") == ["hello"]


def test_event_is_dead_lettered_when_too_large_for_sns(world: World) -> None:
    target = {"Arn": world.topic("t"), "DeadLetterConfig": {"Arn": world.queue("dlq")}}
    world.rule("all", {"source": ["orders"]}, target)
    assert world.cloud.put_events([entry(filler="x" * 300_000)])["FailedEntryCount"] == 0
    world.cloud.settle()
    (dead,) = world.messages("dlq")
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "SDK_CLIENT_ERROR"


def test_publish_fails_when_the_message_is_too_large(world: World) -> None:
    with pytest.raises(ClientError, match="too long"):
        world.cloud.client("sns").publish(TopicArn=world.topic("t"), Message="x" * 262_145)


def test_invalid_filter_policy_is_rejected(world: World) -> None:
    with pytest.raises(ClientError, match="Unrecognized match type sounds-like"):
        world.subscribe(world.topic("t"), world.queue("q"), FilterPolicy='{"a": [{"sounds-like": "b"}]}')


def test_unsupported_feature_is_rejected_by_name(world: World) -> None:
    sns, topic = world.cloud.client("sns"), world.topic("t")
    with pytest.raises(UnsupportedOfflineError, match="protocol https"):
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://partner.example")
    with pytest.raises(UnsupportedOfflineError, match="DeliveryPolicy"):
        world.subscribe(topic, world.queue("q"), DeliveryPolicy="{}")


STRUCTURES = [
    ({"default": "all", "sqs": "for queues"}, "for queues"),
    ({"default": "all", "email": "for people"}, "all"),
    ({"default": "all", "sqs": {"key": "value"}}, "all"),
]


@pytest.mark.parametrize(("message", "expected"), STRUCTURES)
def test_queue_gets_the_message_of_its_protocol(
    world: World, message: dict[str, object], expected: str
) -> None:
    topic = world.topic("t")
    world.subscribe(topic, world.queue("q"))
    sns = world.cloud.client("sns")
    sns.publish(TopicArn=topic, Message=json.dumps(message), MessageStructure="json")
    entry = {"Id": "1", "Message": json.dumps(message), "MessageStructure": "json"}
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry])
    world.cloud.settle()
    assert world.bodies("q") == [expected, expected]


@pytest.mark.parametrize(
    ("message", "reason"),
    [("{", "JSON message body failed to parse"), ('{"sqs": "x"}', "No default entry in JSON message body")],
)
def test_message_without_a_default_is_rejected(world: World, message: str, reason: str) -> None:
    with pytest.raises(ClientError, match=f"Invalid parameter: Message Structure - {reason}"):
        world.cloud.client("sns").publish(TopicArn=world.topic("t"), Message=message, MessageStructure="json")
