"""Faults between services, each of which an alarm goes off for: what is lost, late, or not let run."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from infrastructure import topology
from infrastructure.names import Names
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry, delivery_entry

NAMES = Names("dev")
ARN = "arn:aws:{}:eu-west-1:123456789012:{}"
ENTRIES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "CheckoutCompleted": lambda: checkout_entry(a_checkout()),
    "StockReplenished": lambda: delivery_entry(TEAPOT=1),
}


@contextmanager
def closed(shop: Shop, *queues: str) -> Iterator[None]:
    """Somebody has taken the policies of these queues away; they are back afterwards."""
    sqs = shop.cloud.client("sqs")
    policies = {}
    for name in queues:
        url = sqs.get_queue_url(QueueName=f"{PREFIX}-{name}")["QueueUrl"]
        policies[url] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    yield
    for url, policy in policies.items():
        sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)


@contextmanager
def without_topic(shop: Shop, name: str) -> Iterator[None]:
    """Somebody has deleted the topic; it is back afterwards."""
    topics, arn = shop.cloud.engine.sns.topics, ARN.format("sns", f"{PREFIX}-{name}")
    topic = topics.pop(arn)
    yield
    topics[arn] = topic


def undelivered(shop: Shop, fact: str) -> None:
    """The log holds the fact, its topic is gone, and the dead-letter queue lets nobody in."""
    known = topology.fact(fact)
    document = {"source": known.owner, "type": fact, "id": "1", "subject": "nobody"}
    row = {"pk": f"{known.owner}#nobody", "sk": "test", "id": "1", "event": json.dumps(document)}
    with closed(shop, "order-bus-dlq"), without_topic(shop, NAMES.topic(fact).removeprefix(f"{PREFIX}-")):
        shop.cloud.client("dynamodb").put_item(
            TableName=NAMES.event_log, Item={name: {"S": value} for name, value in row.items()}
        )
        shop.cloud.advance(minutes=2)


def not_taken_in(shop: Shop, where: str) -> None:
    """A partner's event reaches neither the service's queue nor its dead-letter queue."""
    service, _, fact = where.partition(" ")
    with closed(shop, service, f"{service}-dlq"):
        shop.cloud.put_events([ENTRIES[fact]()])
        shop.cloud.advance(minutes=2)


def not_replayed(shop: Shop, service: str) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    events, now = shop.cloud.client("events"), shop.cloud.clock.now()
    with closed(shop, service, f"{service}-dlq"):
        events.start_replay(
            ReplayName=f"{NAMES.replays(service)}again",
            EventSourceArn=events.describe_archive(ArchiveName=NAMES.event_archive)["ArchiveArn"],
            EventStartTime=now - timedelta(days=1),
            EventEndTime=now + timedelta(days=1),
            Destination={"Arn": events.describe_event_bus(Name=NAMES.event_bus)["Arn"]},
        )
        shop.cloud.advance(minutes=2)


def not_fanned_out(shop: Shop, fact: str) -> None:
    """Somebody subscribes a queue that is not there, with a dead-letter queue that is not there either."""
    sns, topic = shop.cloud.client("sns"), ARN.format("sns", NAMES.topic(fact))
    policy = json.dumps({"deadLetterTargetArn": ARN.format("sqs", "gone-dlq")})
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=ARN.format("sqs", "gone"),
        Attributes={"RedrivePolicy": policy},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="{}")
    shop.cloud.advance(minutes=2)
    sns.unsubscribe(SubscriptionArn=subscription)


def not_started(shop: Shop, rule: str) -> None:
    """The clock is to start a function that is not there."""
    events, name = shop.cloud.client("events"), f"{PREFIX}-{rule}"
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    gone = [{**target, "Arn": ARN.format("lambda", "function:gone")} for target in targets]
    events.put_targets(Rule=name, Targets=gone)
    shop.cloud.advance(minutes=2)
    events.put_targets(Rule=name, Targets=targets)


def late(shop: Shop, service: str) -> None:
    """The service's queue cannot be reached for a while; SNS tries until it can."""
    with ExitStack() as after:
        shop.cloud.outages.add(f"queue/{PREFIX}-{service}")
        after.callback(shop.cloud.outages.clear)
        shop.place(an_order())
        shop.cloud.advance(minutes=11)
    shop.cloud.advance(minutes=2)


@contextmanager
def throttled(shop: Shop, function: str) -> Iterator[None]:
    """Somebody has reserved a concurrency of zero for the function."""
    functions, name = shop.cloud.client("lambda"), f"{PREFIX}-{function}"
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    yield
    functions.delete_function_concurrency(FunctionName=name)


def overdue(shop: Shop, _: str) -> None:
    """An order gets no further, and cannot be ended either."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        writes = call.operation in {"PutItem", "TransactWriteItems"}
        if writes and call.function == f"{PREFIX}-orders-deadlines":
            raise RuntimeError("a bug in our own code")
        return proceed()

    shop.cloud.outages.add(f"queue/{PREFIX}-inventory")
    shop.place(an_order())
    with call_fault(shop.cloud, refuse):
        shop.cloud.advance(minutes=22)
    shop.cloud.outages.clear()
