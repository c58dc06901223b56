"""The relay publishes every committed fact, or dead-letters it."""

import json

from tests.infrastructure.graph import Graph, arn


def mapping(graph: Graph) -> dict[str, object]:
    (found,) = [
        each
        for each in graph.of("Lambda::EventSourceMapping")
        if "event-log/stream/" in each.properties["EventSourceArn"]
    ]
    return dict(found.properties)


def test_the_event_log_streams_new_rows_whole(dev: Graph) -> None:
    table = dev.named("DynamoDB::Table", "orderbus-dev-event-log")
    assert table.properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table.properties["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert "TimeToLiveSpecification" not in table.properties, "a fact never expires"


def test_relay_reads_all_inserted_rows_in_order(dev: Graph) -> None:
    found = mapping(dev)
    assert found["EventSourceArn"] == arn("dynamodb", "table/orderbus-dev-event-log/stream/label")
    assert found["FunctionName"] == arn("lambda", "function:orderbus-dev-relay:live")
    assert found["StartingPosition"] == "TRIM_HORIZON"
    assert found["ParallelizationFactor"] == 1
    assert found["BatchSize"] == 100
    criteria = found["FilterCriteria"]
    assert isinstance(criteria, dict)
    assert [json.loads(each["Pattern"]) for each in criteria["Filters"]] == [{"eventName": ["INSERT"]}]


def test_relay_isolates_and_dead_letters_an_unpublishable_row(dev: Graph) -> None:
    found = mapping(dev)
    assert found["BisectBatchOnFunctionError"] is True
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["MaximumRetryAttempts"] == 1000
    assert found["MaximumRecordAgeInSeconds"] == 12 * 60 * 60
    assert found["DestinationConfig"] == {"OnFailure": {"Destination": arn("sqs", "orderbus-dev-relay-dlq")}}


def test_iterator_age_alarm_watches_the_relay(dev: Graph) -> None:
    alarm = dev.named("CloudWatch::Alarm", "orderbus-dev-relay-iterator-age")
    assert alarm.properties["MetricName"] == "IteratorAge"
    assert alarm.properties["Dimensions"] == [{"Name": "FunctionName", "Value": "orderbus-dev-relay"}]
    assert alarm.properties["Threshold"] == 300_000
