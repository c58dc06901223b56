"""Queues lose no message, and alarms watch them."""

from functions.shared.runtime import message_ages
from infrastructure import topology
from tests.infrastructure.graph import Graph, Resource

DAY = 24 * 60 * 60


def mapped_queues(graph: Graph) -> list[tuple[Resource, Resource, Resource]]:
    """Each (mapping, its queue, its function)."""
    return [
        (
            mapping,
            graph.named("SQS::Queue", mapping.properties["EventSourceArn"].rsplit(":", 1)[1]),
            graph.named(
                "Lambda::Function", graph.alias(mapping.properties["FunctionName"]).properties["FunctionName"]
            ),
        )
        for mapping in graph.of("Lambda::EventSourceMapping")
        if ":sqs:" in mapping.properties["EventSourceArn"]
    ]


def test_every_service_has_one_mapped_queue(dev: Graph) -> None:
    queues = {queue.name for _, queue, _ in mapped_queues(dev)}
    assert queues == {f"orderbus-dev-{service.name}" for service in topology.SERVICES}


def test_consumer_queue_has_its_own_dead_letter_queue(dev: Graph) -> None:
    for service in topology.SERVICES:
        queue = dev.named("SQS::Queue", f"orderbus-dev-{service.name}")
        dead_letters = f"arn:aws:sqs:eu-west-1:123456789012:{queue.name}-dlq"
        assert queue.properties["RedrivePolicy"] == {
            "deadLetterTargetArn": dead_letters,
            "maxReceiveCount": service.queue.max_receive_count,
        }
        assert dev.named("SQS::Queue", f"{queue.name}-dlq").properties["RedriveAllowPolicy"] == {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [f"arn:aws:sqs:eu-west-1:123456789012:{queue.name}"],
        }


def test_mapping_redelivers_only_failed_messages(dev: Graph) -> None:
    for mapping, _, _ in mapped_queues(dev):
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping.properties["BatchSize"] <= 10, "more than ten needs a batching window"
        assert "FilterCriteria" not in mapping.properties, "a filter deletes what it does not match"


def test_concurrency_is_limited_at_the_queue(dev: Graph) -> None:
    for mapping, _, function in mapped_queues(dev):
        assert mapping.properties["ScalingConfig"]["MaximumConcurrency"] >= 2
        assert "ReservedConcurrentExecutions" not in function.properties


def test_dead_letters_outlive_their_source_queue(dev: Graph) -> None:
    for queue in dev.of("SQS::Queue"):
        days = 14 if queue.name.endswith("-dlq") else 4
        assert queue.properties["MessageRetentionPeriod"] == days * DAY, queue.name


def test_message_age_alarm_watches_every_queue(watched: Graph) -> None:
    measured = {
        (alarm.properties["Dimensions"][0]["Value"], alarm.properties["MetricName"])
        for alarm in watched.of("CloudWatch::Alarm")
    }
    for queue in watched.of("SQS::Queue"):
        metric = "NumberOfMessagesVisible" if queue.name.endswith("-dlq") else "AgeOfOldestMessage"
        assert (queue.name, f"Approximate{metric}") in measured


def test_alarms_notify_the_topic_of_the_stage(dev: Graph) -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:orderbus-dev-alarms"
    for alarm in dev.of("CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"] == alarm.properties["OKActions"] == [topic]
        assert alarm.properties["AlarmName"].startswith("orderbus-dev-")
    (admission,) = [line for line in dev.statements("SNS::TopicPolicy", topic) if line["Effect"] == "Allow"]
    assert admission["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert admission["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orderbus-dev-*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }


def test_longest_journey_counts_the_queues_own_retention(dev: Graph) -> None:
    """The retention of records is computed from the deployed retention of queues."""
    retention = {queue.name: queue.properties["MessageRetentionPeriod"] for queue in dev.of("SQS::Queue")}
    for _, queue, _ in mapped_queues(dev):
        assert retention[queue.name] == message_ages.QUEUE_RETENTION.total_seconds()
    dead_letters = {name: seconds for name, seconds in retention.items() if name.endswith("-dlq")}
    assert len(dead_letters) > len(topology.SERVICES)
    assert set(dead_letters.values()) == {message_ages.DEAD_LETTER_RETENTION.total_seconds()}
