"""Every hop ends with a delivery or in a dead-letter queue with an alarm."""

from collections.abc import Iterator

from infrastructure import topology
from infrastructure.names import kebab
from tests.infrastructure.graph import Graph, Resource, arn
from tests.infrastructure.topology.admission import POLLS, READS, SENDERS, admits, may, takes_role
from tests.infrastructure.topology.hops import Hop, found, hops

WITHOUT_CONSUMER = tuple(f"-{kebab(fact.name)}" for fact in topology.FACTS if fact.no_consumer_because)
"""The topics of facts without a consumer."""


def undelivered_is_kept(graph: Graph) -> Iterator[str]:
    """Each hop has a dead-letter queue, and that queue is there."""
    for hop in hops(graph):
        if hop.dead_letters is None:
            yield f"{hop} has no dead-letter queue"
        elif found(graph, hop.dead_letters) is None:
            yield f"{hop} names a dead-letter queue that no template has: {hop.dead_letters}"


def carriers_may_deliver(graph: Graph) -> Iterator[str]:
    """Each hop's carrier is admitted by its target, or its function may read its source."""
    for hop in hops(graph):
        if hop.way in SENDERS:
            if not (takes_role(graph, hop) if ":event-bus/" in hop.target else admits(graph, hop)):
                yield f"{hop} may not deliver to {hop.target}"
            continue
        for action in POLLS if hop.way == "queue mapping" else READS:
            if not may(graph, hop.name, action, hop.source):
                yield f"{hop} may not {action} its source"


def carriers_may_dead_letter(graph: Graph) -> Iterator[str]:
    """Each hop's carrier has the permission to use its dead-letter queue."""
    for hop in hops(graph):
        if hop.dead_letters and not _may_dead_letter(graph, hop, hop.dead_letters):
            yield f"{hop} may not use its dead-letter queue"


def _may_dead_letter(graph: Graph, hop: Hop, target: str) -> bool:
    if hop.way in SENDERS:
        return admits(graph, hop, target)
    if hop.way == "stream mapping":
        return may(graph, hop.name, "sqs:SendMessage", target)
    queue = found(graph, target)
    return queue is not None and hop.source in queue.properties.get("RedriveAllowPolicy", {}).get(
        "sourceQueueArns", []
    )


def dead_letters_ring(graph: Graph) -> Iterator[str]:
    """An alarm fires within a minute of the first message in a dead-letter queue.

    By its depth: `NumberOfMessagesSent` does not count what SQS itself moves there.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    watched = {_watched(alarm) for alarm in graph.any_of("CloudWatch::Alarm") if _fires_at_the_first(alarm)}
    for name in sorted({hop.dead_letters.rsplit(":", 1)[-1] for hop in hops(graph) if hop.dead_letters}):
        if name not in watched:
            yield f"no alarm fires at the first message in {name}"


def _watched(alarm: Resource) -> str | None:
    dimensions = {each["Name"]: each["Value"] for each in alarm.properties.get("Dimensions", [])}
    return dimensions.get("QueueName")


def _fires_at_the_first(alarm: Resource) -> bool:
    given = alarm.properties
    return (
        (given.get("Namespace"), given.get("MetricName")) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        and (given["Statistic"], given["Period"], given["EvaluationPeriods"]) == ("Maximum", 60, 1)
        and (given["ComparisonOperator"], given["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
        and bool(given.get("AlarmActions"))
        and given.get("ActionsEnabled", True)
    )


def dead_letters_find_back(graph: Graph) -> Iterator[str]:
    """A dead-lettered message can be redriven: from its target it reaches a function again.

    A stream's dead-lettered records name rows: without them no redrive is possible.
    """
    steps = hops(graph)
    for hop in steps:
        if hop.way == "stream mapping":
            table = hop.source.split("/")[1]
            if "TimeToLiveSpecification" in graph.named("DynamoDB::Table", table).properties:
                yield f"{hop} names rows that {table} forgets"
        elif hop.way != "queue mapping" and not (
            hop.target.endswith(WITHOUT_CONSUMER) or _arrives(graph, steps, hop.target)
        ):
            yield f"{hop} leads to no function"


def _arrives(graph: Graph, steps: list[Hop], target: str) -> bool:
    """Whether the target is another account's bus, or leads to a function."""
    if ":event-bus/" in target and found(graph, target) is None:
        return True
    return any(
        step.way.endswith("mapping") or _arrives(graph, steps, step.target)
        for step in steps
        if step.source == target
    )


def dead_letters_outlive_their_source(graph: Graph) -> Iterator[str]:
    """A dead-lettered message keeps its enqueue time: its retention must exceed the source queue's.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    """
    for queue in graph.any_of("SQS::Queue"):
        behind = queue.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
        kept = found(graph, behind) if behind else None
        if kept and _retention(kept) <= _retention(queue):
            yield f"{kept.name} keeps what {queue.name} could not handle no longer than that did"


def _retention(queue: Resource) -> int:
    """Seconds; SQS's default is four days."""
    return int(queue.properties.get("MessageRetentionPeriod", 4 * 24 * 60 * 60))


def reactions_have_time(graph: Graph) -> Iterator[str]:
    """A queue hides a message for six times its function's timeout, and for its batching window.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    for mapping in graph.any_of("Lambda::EventSourceMapping"):
        queue = found(graph, mapping.properties["EventSourceArn"])
        if queue is None:
            continue
        function = graph.named("Lambda::Function", mapping.properties["FunctionName"].split(":")[-2])
        least = 6 * function.properties["Timeout"] + mapping.properties.get(
            "MaximumBatchingWindowInSeconds", 0
        )
        if queue.properties.get("VisibilityTimeout", 30) < least:
            yield f"{queue.name} shows a message again before {least} seconds are over"


def alarms_notify_someone(graph: Graph) -> Iterator[str]:
    """Every alarm notifies one of our topics, which admits it."""
    topics = {arn("sns", each.name) for each in graph.any_of("SNS::Topic")}
    for alarm in graph.any_of("CloudWatch::Alarm"):
        if not topics & set(alarm.properties.get("AlarmActions", [])):
            yield f"{alarm.name} notifies no topic"
