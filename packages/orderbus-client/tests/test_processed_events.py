"""Both stores of processed events keep one promise: one claim at a time, and none after success."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from orderbus_client import (
    Claim,
    ClaimLostError,
    DynamoDbProcessedEvents,
    MemoryProcessedEvents,
    ProcessedEvents,
)

TABLE = "processed-events"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "event_key", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "event_key", "KeyType": "HASH"}],
        )
        yield client


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> ProcessedEvents:
    if request.param == "memory":
        return MemoryProcessedEvents(keep_seconds=100)
    client = request.getfixturevalue("database")
    return DynamoDbProcessedEvents(TABLE, lease_seconds=60, client=client, keep_seconds=100)


def test_event_is_claimed_once_until_it_is_done(store: ProcessedEvents) -> None:
    assert store.claim("orders|1") is Claim.CLAIMED
    assert store.claim("orders|1") is Claim.BUSY
    assert store.claim("orders|2") is Claim.CLAIMED
    store.complete("orders|1")
    assert store.claim("orders|1") is Claim.DONE


def test_released_event_can_be_claimed_again(store: ProcessedEvents) -> None:
    store.claim("orders|1")
    store.release("orders|1")
    assert store.claim("orders|1") is Claim.CLAIMED


def test_event_is_forgotten_after_its_time(store: ProcessedEvents, monkeypatch: pytest.MonkeyPatch) -> None:
    store.claim("orders|1")
    store.complete("orders|1")
    now, monotonic = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: now + 102)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic + 102)
    assert store.claim("orders|1") is Claim.CLAIMED


def test_claim_passes_to_another_worker_after_the_lease(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (DynamoDbProcessedEvents(TABLE, lease_seconds=60, client=database) for _ in range(2))
    assert first.claim("orders|1") is Claim.CLAIMED
    assert second.claim("orders|1") is Claim.BUSY
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 62)
    assert second.claim("orders|1") is Claim.CLAIMED
    first.release("orders|1")
    with pytest.raises(ClaimLostError):
        first.complete("orders|1")
    second.complete("orders|1")
    assert first.claim("orders|1") is Claim.DONE
