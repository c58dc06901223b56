"""Tests of deadlines, and of how long messages travel and records last."""

from datetime import timedelta

import pytest

from functions.notifications.contact_rows import CONTACT_RETENTION, MAXIMUM_ORDER_AGE
from functions.shared.contracts.codec import Rejected
from functions.shared.event_store.idempotency import REMEMBERED, configuration
from functions.shared.runtime.api import api
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, MAXIMUM_EMAIL_MS, dynamodb, ses
from functions.shared.runtime.deadline import OutOfTimeError, deadline, ran_out_of_time
from functions.shared.runtime.message_ages import (
    AHEAD,
    BUS_RETRIES,
    DEAD_LETTER_RETENTION,
    MAXIMUM_ARRIVAL_AGE,
    QUEUE_RETENTION,
    REDRIVES,
    STREAM_RETENTION,
    TOPIC_RETRIES,
)
from functions.shared.runtime.received import check_time
from tests.now import NOW
from tests.unit.functions.builders import Context


class Left(Context):
    """A context with this many milliseconds left."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # Powertools' is static
        return self.milliseconds


@pytest.mark.usefixtures("aws")
def test_call_starts_only_when_it_can_finish() -> None:
    deadline().serve(Left(MAXIMUM_CALL_MS))
    dynamodb().list_tables()
    deadline().serve(Left(MAXIMUM_CALL_MS - 1))
    with pytest.raises(OutOfTimeError):
        dynamodb().list_tables()


@pytest.mark.usefixtures("aws")
def test_email_starts_only_with_time_for_its_record() -> None:
    deadline().serve(Left(MAXIMUM_EMAIL_MS + MAXIMUM_CALL_MS - 1))
    with pytest.raises(OutOfTimeError):
        ses().get_account()


def test_out_of_time_is_recognised_when_wrapped() -> None:
    wrapped = RuntimeError()
    wrapped.__cause__ = OutOfTimeError()
    assert ran_out_of_time(wrapped)
    assert ran_out_of_time(OutOfTimeError())
    assert not ran_out_of_time(RuntimeError())


def test_api_returns_503_when_time_runs_out() -> None:
    def late(*_: object) -> dict[str, object]:
        raise OutOfTimeError

    event = {"routeKey": "GET /x", "rawPath": "/x", "requestContext": {"requestId": "r"}}
    assert api("orders-api", {"GET /x": late})(event, Context())["statusCode"] == 503


def test_maximum_arrival_age_covers_every_wait() -> None:
    waits = STREAM_RETENTION + BUS_RETRIES + TOPIC_RETRIES
    assert waits + (1 + REDRIVES) * (QUEUE_RETENTION + DEAD_LETTER_RETENTION) <= MAXIMUM_ARRIVAL_AGE


def test_records_outlive_every_message() -> None:
    assert REMEMBERED > AHEAD + MAXIMUM_ARRIVAL_AGE + QUEUE_RETENTION
    assert timedelta(seconds=configuration().expires_after_seconds) == REMEMBERED
    assert CONTACT_RETENTION == MAXIMUM_ORDER_AGE + REMEMBERED


@pytest.mark.parametrize("days", [1, 10, 89, 90])
def test_event_is_accepted_within_the_maximum_age(days: int) -> None:
    check_time(NOW - timedelta(days=days), NOW)


@pytest.mark.parametrize("age", [timedelta(days=90, seconds=1), timedelta(days=91), timedelta(days=400)])
def test_event_is_rejected_after_the_maximum_age(age: timedelta) -> None:
    with pytest.raises(Rejected, match="90 days"):
        check_time(NOW - age, NOW)
    check_time(NOW - age, NOW, is_replayed=True)
