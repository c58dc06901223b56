"""Lambda's messages about discarded records, in the shapes that its guide shows."""

import json
from typing import Any

import pytest

from cli.dlq.discarded_batch import discarded_batch

ARRIVALS = {
    "approximateArrivalOfFirstRecord": "2019-11-14T00:38:04.835Z",
    "approximateArrivalOfLastRecord": "2019-11-14T00:38:05.580Z",
    "batchSize": 500,
}
OFFSETS = {"firstRecordOffset": "41", "lastRecordOffset": "43"}
SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "DDBStreamBatchInfo": (
        {**ARRIVALS, "shardId": "shardId-1", "streamArn": "arn:aws:dynamodb:s"},
        "shardId-1: 500 that arrived from 2019-11-14T00:38:04.835Z to 2019-11-14T00:38:05.580Z",
    ),
    "KinesisBatchInfo": (
        {**ARRIVALS, "shardId": "shardId-2", "streamArn": "arn:aws:kinesis:s"},
        "shardId-2: 500 that arrived from 2019-11-14T00:38:04.835Z to 2019-11-14T00:38:05.580Z",
    ),
    "KafkaBatchInfo": (
        {
            "batchSize": 500,
            "eventSourceArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/751d2973-2",
            "bootstrapServers": "...",
            "payloadSize": 2039086,
            "recordsInfo": {"to-us-1": OFFSETS, "to-us-0": {**OFFSETS, "firstRecordTimestamp": "t"}},
        },
        "to-us-0:41-43, to-us-1:41-43",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_discarded_records_are_named(name: str) -> None:
    info, places = SHAPES[name]
    context = {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 1}
    batch = discarded_batch(json.dumps({"requestContext": context, "version": "1.0", name: info}))
    assert batch is not None
    assert (batch.places, batch.request.condition) == (places, "RetryAttemptsExhausted")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"KafkaBatchInfo": {}}', '{"KinesisBatchInfo": null}'])
def test_other_messages_are_no_discarded_batch(body: str) -> None:
    assert discarded_batch(body) is None
