"""Requests to Pub/Sub: what becomes of each message, over real HTTP."""

import time
from collections.abc import Iterator

import pytest
from botocore.credentials import ReadOnlyCredentials

from functions.pubsub import http, identity
from functions.pubsub.access_token import access_tokens
from functions.pubsub.publisher import Published, publish
from tests.workflow.bridges.google import PROVIDER, TOPIC, Google
from tests.workflow.bridges.http_stand_in import Response

ACCEPTED, LATER, INVALID = Published.ACCEPTED, Published.LATER, Published.INVALID
MESSAGES = [
    {"data": "e30=", "attributes": {"ce-id": str(number)}, "orderingKey": "order-1"} for number in range(3)
]
ROLE = ReadOnlyCredentials("offline", "offline", "offline")


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """A server whose address and trust the function's environment has."""
    server = Google(time.time)
    settings = {
        "PUBSUB_URL": server.url,
        "TOKEN_URL": f"{server.url}/v1/token",
        "IDENTITY_PROVIDER": PROVIDER,
    }
    for name, value in {**settings, "AWS_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(identity, "role_credentials", lambda: ROLE)
    access_tokens.cache_clear()
    yield server
    server.stop()


def outcomes() -> list[Published]:
    return [outcome for outcome, _ in publish(TOPIC, MESSAGES)]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([], ACCEPTED),
        ([Response(401)], ACCEPTED),
        ([Response(401), Response(401)], LATER),
        ([Response(403)], LATER),
        ([Response(429)], LATER),
        ([Response(503)], LATER),
        ([Response(302)], LATER),
    ],
)
def test_request_decides_for_all_of_its_messages(
    google: Google, faults: list[Response], expected: Published
) -> None:
    google.faults = list(faults)
    assert outcomes() == [expected] * 3
    assert len(google.published) == (3 if expected is ACCEPTED else 0)


def test_invalid_message_does_not_hold_up_the_others(google: Google) -> None:
    google.refuses = lambda message: message.attributes["ce-id"] == "1"
    assert outcomes() == [ACCEPTED, INVALID, ACCEPTED]


def test_messages_come_again_without_a_response_in_time(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcomes() == [ACCEPTED] * 3
    monkeypatch.setattr(http, "TIMEOUT_MS", 100)
    http.pool.cache_clear()
    google.gate.clear()
    assert outcomes() == [LATER] * 3
    http.pool.cache_clear()


def test_messages_come_again_when_the_role_is_not_trusted(google: Google) -> None:
    google.is_trusted = False
    assert outcomes() == [LATER] * 3
    google.is_trusted = True
    assert outcomes() == [ACCEPTED] * 3
    assert google.exchanges == 1
