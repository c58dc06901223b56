"""How long a call may take is what its client's settings add up to; that much is kept in hand for one."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.retries.standard import (
    ExponentialBackoff,
    RetryContext,
    RetryEventAdapter,
    ThrottlingErrorDetector,
)

from functions.notifications import handler as notifications
from functions.orders import committing, deadlines
from functions.payments import reconciliation, stripe_http
from functions.payments.gateway import LONGEST_ANSWER
from functions.shared import clients, consumer
from functions.shared.clients import LONGEST_CALL, LONGEST_LETTER
from infrastructure import topology
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
    assert longest(client()) == LONGEST_CALL


def test_a_letter_is_waited_for_and_asked_for_once() -> None:
    client: Any = clients.ses()
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.read_timeout >= 15
    assert longest(client) == LONGEST_LETTER


def test_the_gateway_is_given_up_in_time() -> None:
    seconds = stripe_http.CONNECTED_WITHIN + stripe_http.ANSWERED_WITHIN
    assert seconds * 1000 <= LONGEST_ANSWER


def test_there_is_time_to_begin_something() -> None:
    assert API_TIMEOUT * 1000 > committing.LEAST_TIME
    assert max(deadlines.SPARE, reconciliation.SPARE) < MINUTE_TIMEOUT * 1000
    spare = {"payments": LONGEST_ANSWER + LONGEST_CALL, "notifications": notifications.SPARE}
    for service in topology.SERVICES:
        assert service.consumer.timeout * 1000 > spare.get(service.name, consumer.SPARE)
