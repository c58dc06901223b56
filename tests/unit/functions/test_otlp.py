"""The sample of traces, and the request to a collector."""

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials
from urllib3.exceptions import ProtocolError

from functions.otlp import collector, handler
from functions.otlp.collector import Sent, secret_headers, send
from functions.otlp.sampled import SampledEvent, sampled_event
from functions.shared.contracts.codec import event_of, write
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.log_sample import sample_position
from tests.now import NOW
from tests.unit.functions.builders import Context, an_order_confirmed

SALT = "123456789012"


@dataclass
class RecordingPool:
    """Connections that keep what is sent, and give one response."""

    status: int = 200
    data: bytes = b"{}"
    error: Exception | None = None
    sent: list[Mapping[str, Any]] = field(default_factory=list)

    def request(self, method: str, url: str, **of: Any) -> "RecordingPool":
        """Keep the request."""
        self.sent.append({"method": method, "url": url, **of})
        if self.error:
            raise self.error
        return self


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of a stage that sends half of its traces to a collector."""
    monkeypatch.setenv("SUCCESS_LOG_SALT", SALT)
    monkeypatch.setenv("OTLP_RATIO", "0.5")
    monkeypatch.setenv("OTLP_ENDPOINT", "https://collector.example/")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    secret_headers.cache_clear()
    yield
    secret_headers.cache_clear()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> RecordingPool:
    pool = RecordingPool()
    monkeypatch.setattr(collector, "pool", lambda: pool)
    return pool


def record(correlation_id: str) -> dict[str, Any]:
    cause = Cause(
        id=correlation_id, correlation_id=correlation_id, traceparent=f"00-{'a' * 32}-{'b' * 16}-01"
    )
    document = write(event_of(an_order_confirmed(), cause=cause, time=NOW))
    return {"kinesis": {"data": base64.b64encode(document.encode()).decode()}}


def test_sample_is_equal_for_events_of_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = [str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in range(200)]
    chosen = {trace for trace in traces if sampled_event(record(trace))}
    assert chosen == {trace for trace in traces if sample_position(trace, salt=SALT) < 0.5}
    assert 60 < len(chosen) < 140
    monkeypatch.setenv("OTLP_RATIO", "0.1")
    assert {trace for trace in traces if sampled_event(record(trace))} < chosen


def test_order_is_read_once_for_a_batch(pool: RecordingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTLP_RATIO", "1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orderbus-dev-otlp")
    monkeypatch.setenv("EVENT_LOG_TABLE", "orderbus-dev-event-log")
    read: list[str] = []

    def history(event: SampledEvent) -> list[SampledEvent]:
        read.append(event.subject)
        return [event]

    monkeypatch.setattr(handler, "history_of", history)
    records = [
        {**record(str(uuid.UUID(int=number))), "eventSource": "aws:kinesis", "eventID": str(number)}
        for number in range(3)
    ]
    for number, each in enumerate(records):
        each["kinesis"]["sequenceNumber"] = str(number)
    assert handler.handle({"Records": records}, Context()) == {"batchItemFailures": []}
    assert len(read) == 1
    assert len(json.loads(pool.sent[0]["body"])["resourceSpans"]) == 1


def test_request_goes_to_the_path_of_the_protocol(pool: RecordingPool) -> None:
    assert send([]).sent is Sent.ACCEPTED
    (sent,) = pool.sent
    assert (sent["method"], sent["url"]) == ("POST", "https://collector.example/v1/traces")
    assert sent["headers"] == {"Content-Type": "application/json"}
    assert json.loads(sent["body"]) == {"resourceSpans": []}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Sent.ACCEPTED),
        (202, Sent.ACCEPTED),
        (307, Sent.LATER),
        (400, Sent.INVALID),
        (401, Sent.LATER),
        (404, Sent.LATER),
        (413, Sent.INVALID),
        (429, Sent.LATER),
        (503, Sent.LATER),
    ],
)
def test_status_says_whether_to_send_again(pool: RecordingPool, status: int, outcome: Sent) -> None:
    pool.status = status
    assert send([]).sent is outcome


@pytest.mark.parametrize(
    ("body", "rejected"),
    [
        (b"", 0),
        (b"\x0a\x02", 0),
        (b'{"partialSuccess": null}', 0),
        (b'{"partialSuccess": {"errorMessage": "beware"}}', 0),
        (b'{"partialSuccess": {"rejectedSpans": 3}}', 3),
        (b'{"partialSuccess": {"rejectedSpans": "3"}}', 3),
    ],
)
def test_rejected_spans_of_a_success_are_read(pool: RecordingPool, body: bytes, rejected: int) -> None:
    pool.data = body
    assert send([]).rejected == rejected


def test_spans_are_sent_again_when_no_response_came(pool: RecordingPool) -> None:
    pool.error = ProtocolError("closed")
    assert send([]).sent is Sent.LATER


def test_request_is_signed_for_cloudwatch_only(pool: RecordingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "role_credentials", lambda: ReadOnlyCredentials("AKID", "secret", "token"))
    monkeypatch.setenv("OTLP_SIGNED", "signed")
    monkeypatch.setenv("OTLP_ENDPOINT", "https://xray.eu-west-1.amazonaws.com")
    send([])
    headers = pool.sent[0]["headers"]
    assert "/eu-west-1/xray/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token"
    assert "secret" not in str(headers)


def test_headers_of_the_secret_are_sent(pool: RecordingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": '{"api-key": "k"}'})
    monkeypatch.setenv("OTLP_SECRET", "arn")
    monkeypatch.setattr(collector, "secrets_manager", lambda: stored)
    send([])
    assert pool.sent[0]["headers"]["api-key"] == "k"


def test_changed_key_is_read_after_it_was_refused(
    pool: RecordingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(["old", "new"])
    monkeypatch.setattr(collector, "secret_headers", cache(lambda: {"api-key": next(keys)}))
    for status in (401, 200):
        pool.status = status
        send([])
    assert [each["headers"]["api-key"] for each in pool.sent] == ["old", "new"]
