"""Authentication at Amazon MSK by the function's role: the token, and the client that presents it."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import confluent_kafka
import pytest

from functions.kafka import producer
from functions.kafka.iam_token import LIFETIME, role_token
from functions.shared.runtime.clients import _session
from tests.unit.functions.msk_gate import MskGate, gate
from tests.unit.functions.msk_token import KEY, REGION, SECRET, SESSION, refusal
from tests.unit.functions.self_signed import self_signed

DECIDED_SECONDS = 20


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A function with the role's credentials, as Lambda passes them."""
    variables = {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": SESSION,
        "AWS_LAMBDA_FUNCTION_NAME": "kafka",
        "KAFKA_SASL": "IAM",
        "KAFKA_TOPIC": "orders",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _session.cache_clear()
    producer.client.cache_clear()
    yield
    _session.cache_clear()
    producer.client.cache_clear()


def test_token_is_signed_with_the_role_for_minutes() -> None:
    now = datetime.now(UTC)
    token, ends_at = role_token("")
    assert refusal(token, now) is None
    assert now + LIFETIME <= datetime.fromtimestamp(ends_at, UTC) <= now + LIFETIME + timedelta(minutes=1)
    assert refusal(token, now + LIFETIME + timedelta(minutes=1)) == "expired"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"Action=kafka-cluster%3AConnect", b"Action=kafka-cluster%3AWriteData", "parameters"),
        (b"X-Amz-Expires=900", b"X-Amz-Expires=901", "parameters"),
        (b"https://kafka.eu-west-1.", b"https://kafka.us-east-1.", "address"),
        (b"X-Amz-Signature=", b"X-Amz-Signature=0", "signature"),
    ],
)
def test_changed_token_is_refused(before: bytes, after: bytes, reason: str) -> None:
    token = role_token("")[0]
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert before in url
    changed = base64.urlsafe_b64encode(url.replace(before, after)).decode().rstrip("=")
    assert refusal(changed, datetime.now(UTC)) == reason


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MskGate]:
    """The front of a cluster, whose certificate the producer trusts."""
    with gate(self_signed(tmp_path)) as made:
        monkeypatch.setenv("KAFKA_SERVERS", f'["127.0.0.1:{made.port}"]')
        monkeypatch.setattr(producer, "Producer", partial(_trusting, str(made.certificate)))
        yield made


def _trusting(certificate: str, configuration: dict[str, Any]) -> confluent_kafka.Producer:
    return confluent_kafka.Producer({**configuration, "ssl.ca.location": certificate})


def test_cluster_accepts_the_token_of_the_client(front: MskGate) -> None:
    kept = producer.client()
    assert front.decided.wait(DECIDED_SECONDS)
    assert (front.mechanisms[0], front.refusals[0]) == (b"OAUTHBEARER", None)
    assert kept is producer.client()


def test_cluster_refuses_another_roles_token(front: MskGate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    kept = producer.client()
    assert front.decided.wait(DECIDED_SECONDS)
    assert front.refusals[0] == "signature"
    assert kept is producer.client()
