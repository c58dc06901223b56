"""How long a call may take is what its client's settings add up to; that much is kept in hand for one."""

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
from infrastructure.stacks.service import API_TIMEOUT, MINUTE_TIMEOUT

pytestmark = pytest.mark.usefixtures("aws")


class AlwaysThrottled(ThrottlingErrorDetector):
    """Whatever is answered, botocore takes its longest pause."""

    def is_throttling_error_from_context(self, context: RetryContext) -> bool:  # noqa: ARG002 - botocore's
        return True


def longest(client: Any) -> float:
    """Milliseconds that a call takes whose every attempt is given up at the last moment."""
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
def test_no_call_takes_longer_than_is_kept_in_hand_for_one(client: Callable[[], Any]) -> None:
    assert longest(client()) == MAXIMUM_CALL_MS


def test_a_letter_is_waited_for_and_asked_for_once() -> None:
    client: Any = clients.ses()
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.read_timeout >= 15
    assert longest(client) == MAXIMUM_EMAIL_MS


def test_the_gateway_is_given_up_in_time() -> None:
    assert stripe_http.TIMEOUT_SECONDS * 1000 <= MAXIMUM_RESPONSE_MS


def test_there_is_time_to_begin_something() -> None:
    assert API_TIMEOUT * 1000 > MAXIMUM_CALL_MS
    assert max(deadlines.RESERVE_MS, reconciliation.RESERVE_MS) < MINUTE_TIMEOUT * 1000


@pytest.mark.parametrize("service", topology.SERVICES, ids=lambda service: service.name)
def test_a_batch_s_last_message_is_started_in_time(service: Service) -> None:
    limits = service.consumer
    reserve = {"payments": MAXIMUM_RESPONSE_MS + MAXIMUM_CALL_MS, "notifications": notifications.RESERVE_MS}
    outside = {"payments": MAXIMUM_RESPONSE_MS, "notifications": MAXIMUM_EMAIL_MS}
    assert limits.reserve_seconds * 1000 == reserve.get(service.name, consumer.RESERVE_MS)
    assert limits.reaction_seconds * 1000 > outside.get(service.name, 0)
    assert limits.longest_batch_seconds <= limits.timeout


@pytest.mark.parametrize(("name", "batch"), [("payments", 10), ("payments", 3), ("notifications", 10)])
def test_a_larger_batch_does_not_fit_the_timeout(name: str, batch: int) -> None:
    (limits,) = (service.consumer for service in topology.SERVICES if service.name == name)
    assert replace(limits, batch_size=batch).longest_batch_seconds > limits.timeout
