"""Tests of the log context: ids on every line, and no content of events."""

from typing import Any

import pytest

from functions.contracts.orders import OrderCreated
from functions.shared.contracts.delivery import read_message
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.consumer import consumer
from functions.shared.runtime.telemetry import telemetry_of
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_payment_processed,
    an_event,
    an_order_created,
)
from tests.unit.functions.output import Output

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CREATED = {
    "event_id": an_event(an_order_created()).id,
    "schema": "urn:orderbus:schema:orders:OrderCreated:2",
    "order_id": ORDER,
    "correlation_id": CAUSE.correlation_id,
    "trace_id": TRACE,
}


def context_of(body: str) -> LogContext:
    return read_message(body).context


NOTHING = dict.fromkeys(CREATED, "-")


def handle(service: str, *bodies: str, receive_count: int = 1) -> None:
    """Handle the messages with a new consumer, which reads the current environment."""
    handler = consumer(service, {OrderCreated: lambda _: None}, store=event_log)
    handler(a_batch(*bodies, receive_count=receive_count), Context())


def test_context_has_the_ids_of_an_order_s_event() -> None:
    assert context_of(a_delivery(an_order_created())).as_fields() == CREATED


def test_context_omits_the_subject_of_a_partner() -> None:
    assert context_of(a_delivery(a_checkout_completed(), subject="ada@example.com")).subject == "-"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"detail": 1}', '{"source": "x", "detail-type": "y", "detail": []}']
)
def test_context_is_empty_when_a_message_is_unreadable(body: str) -> None:
    assert context_of(body).as_fields() == NOTHING


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"id": "ada@example.com"}, {"event_id"}),
        ({"correlationid": "ada@example.com"}, {"correlation_id", "trace_id"}),
        ({"traceparent": "00-ada"}, {"correlation_id", "trace_id"}),
        ({"dataschema": "ada@example.com"}, {"schema"}),
    ],
)
def test_context_omits_only_the_malformed_id(changes: dict[str, Any], lost: set[str]) -> None:
    found = context_of(a_delivery(an_order_created(), **changes)).as_fields()
    assert found == {**CREATED, **dict.fromkeys(lost, "-")}


@pytest.mark.usefixtures("aws")
def test_success_is_logged_when_the_rate_is_one(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", "1")
    handle("talkative", a_delivery(an_order_created()), a_delivery(a_payment_processed()), receive_count=2)
    handled, without_a_reaction = output.logs()
    assert (handled["message"], without_a_reaction["message"]) == ("handled", "retried")
    assert handled.items() >= {**CREATED, "message_id": "message-0", "receive_count": "2"}.items()


@pytest.mark.usefixtures("aws")
def test_all_functions_log_successes_of_the_same_orders(
    monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", "0.5")
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(20)]
    messages = [a_delivery(an_order_created(order_id=each), correlationid=each) for each in ids]
    logged = []
    for service in ("half-talkative", "half-talkative-too"):
        handle(service, *messages)
        logged.append([line["order_id"] for line in output.logs()])
    first, both = logged
    assert both[len(first) :] == first
    assert 3 < len(first) < 17


@pytest.mark.usefixtures("aws")
def test_client_s_trace_does_not_decide_what_is_logged(
    monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", "0.5")
    for service, digit in (("low-trace", "0"), ("high-trace", "f")):
        traceparent = f"00-{'a' * 16}{digit * 16}-00f067aa0ba902b7-01"
        handle(service, a_delivery(an_order_created(), traceparent=traceparent))
    assert len(output.logs()) in {0, 2}


def test_sample_depends_on_a_key_of_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", "0.5")
    samples = []
    for key in ("111111111111-dev", "222222222222-dev"):
        monkeypatch.setenv("LOG_SAMPLING_KEY", key)
        telemetry = telemetry_of(f"of-{key}")
        samples.append([telemetry.logs_successes_of(str(number)) for number in range(64)])
    assert samples[0] != samples[1]


@pytest.mark.parametrize(("rate", "logged"), [("0", False), ("1", True)])
def test_successes_are_logged_never_or_always_at_the_limits(
    rate: str, monkeypatch: pytest.MonkeyPatch, *, logged: bool
) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", rate)
    telemetry = telemetry_of(f"at-{rate}")
    assert {telemetry.logs_successes_of(str(number)) for number in range(64)} == {logged}
