"""The function on the stock's stream gets every change that may be a shortage."""

import json

from tests.infrastructure.graph import Graph, arn


def test_stock_stream_has_old_and_new_images(dev: Graph) -> None:
    table = dev.named("DynamoDB::Table", "orderbus-dev-stock")
    assert table.properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_stock_stream_is_filtered_and_dead_letters_failures(dev: Graph) -> None:
    (found,) = [
        each.properties
        for each in dev.of("Lambda::EventSourceMapping")
        if each.properties["FunctionName"] == arn("lambda", "function:orderbus-dev-inventory-levels:live")
    ]
    assert found["EventSourceArn"] == arn("dynamodb", "table/orderbus-dev-stock/stream/label")
    filters = [json.loads(each["Pattern"]) for each in found["FilterCriteria"]["Filters"]]
    assert filters == [
        {"dynamodb": {"NewImage": {"reorder_level": {"N": [{"exists": True}]}}}},
        {"dynamodb": {"NewImage": {"shard_of": {"S": [{"exists": True}]}}}},
    ]
    dead_letters = arn("sqs", "orderbus-dev-inventory-levels-dlq")
    assert found["DestinationConfig"] == {"OnFailure": {"Destination": dead_letters}}
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_iterator_age_alarm_watches_the_stock_stream(dev: Graph) -> None:
    alarm = dev.named("CloudWatch::Alarm", "orderbus-dev-inventory-levels-iterator-age")
    assert alarm.properties["Dimensions"] == [
        {"Name": "FunctionName", "Value": "orderbus-dev-inventory-levels"}
    ]
    assert alarm.properties["Threshold"] == 300_000
