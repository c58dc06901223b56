"""Tests of AWS clients: the longest call follows from the settings, and fits the time in reserve."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.retries.standard import (
    ExponentialBackoff,
    RetryContext,
    RetryEventAdapter,
    ThrottlingErrorDetector,
)

from functions.notifications import handler as notifications
from functions.orders import deadlines
from functions.payments import reconciliation
from functions.payments.gateway import MAXIMUM_RESPONSE_MS
from functions.payments.stripe import http as stripe_http
from functions.shared.runtime import clients, consumer
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, MAXIMUM_EMAIL_MS
from infrastructure import topology
from infrastructure.services import Service
from infrastructure.topology import API_TIMEOUT_SECONDS, MINUTE_TIMEOUT_SECONDS

pytestmark = pytest.mark.usefixtures("aws")


class AlwaysThrottled(ThrottlingErrorDetector):
    """Make botocore take its longest pause after any response."""

    def is_throttling_error_from_context(self, context: RetryContext) -> bool:  # noqa: ARG002 - botocore's
        return True


def maximum_call_ms(client: Any) -> float:
    """Return the milliseconds of a call whose attempts all time out."""
    config = client.meta.config
    assert config.retries["mode"] == "standard"
    attempts = config.retries["total_max_attempts"]
    always = AlwaysThrottled(retry_event_adapter=RetryEventAdapter())
    backoff = ExponentialBackoff(random=lambda: 1.0, throttling_detector=always)
    pauses = [
        backoff.delay_amount(RetryContext(attempt_number=number, http_response=None))
        for number in range(1, attempts)
    ]
    return 1000 * float(attempts * (config.connect_timeout + config.read_timeout) + sum(pauses))


@pytest.mark.parametrize("client", [clients.dynamodb, clients.events, clients.sqs, clients.secrets_manager])
def test_client_s_longest_call_is_within_its_limit(client: Callable[[], Any]) -> None:
    assert maximum_call_ms(client()) == MAXIMUM_CALL_MS


def test_email_is_sent_in_one_attempt() -> None:
    client: Any = clients.ses()
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.read_timeout >= 15
    assert maximum_call_ms(client) == MAXIMUM_EMAIL_MS


def test_gateway_call_ends_within_its_limit() -> None:
    assert stripe_http.TIMEOUT_SECONDS * 1000 <= MAXIMUM_RESPONSE_MS


def test_reserve_is_shorter_than_the_timeout() -> None:
    assert API_TIMEOUT_SECONDS * 1000 > MAXIMUM_CALL_MS
    assert max(deadlines.RESERVE_MS, reconciliation.RESERVE_MS) < MINUTE_TIMEOUT_SECONDS * 1000


@pytest.mark.parametrize("service", topology.SERVICES, ids=lambda service: service.name)
def test_last_message_of_a_batch_starts_in_time(service: Service) -> None:
    limits = service.queue
    reserve = {"payments": MAXIMUM_RESPONSE_MS + MAXIMUM_CALL_MS, "notifications": notifications.RESERVE_MS}
    outside = {"payments": MAXIMUM_RESPONSE_MS, "notifications": MAXIMUM_EMAIL_MS}
    assert limits.reserve_seconds * 1000 == reserve.get(service.name, consumer.RESERVE_MS)
    assert limits.reaction_seconds * 1000 > outside.get(service.name, 0)
    assert limits.maximum_batch_seconds <= service.consumer.timeout_seconds


@pytest.mark.parametrize(("name", "batch"), [("payments", 10), ("payments", 3), ("notifications", 10)])
def test_larger_batch_does_not_fit_the_timeout(name: str, batch: int) -> None:
    (service,) = (service for service in topology.SERVICES if service.name == name)
    limits = replace(service.queue, batch_size=batch)
    assert limits.maximum_batch_seconds > service.consumer.timeout_seconds
