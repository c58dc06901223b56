"""Tests of the log context: ids on every line, and no content of events."""

from collections import Counter
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


def trace(first_random_digit: str) -> str:
    """Return a traceparent that is sampled at any rate above this digit's share."""
    return f"00-{'a' * 16}{first_random_digit}{'0' * 15}-00f067aa0ba902b7-01"


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
    monkeypatch.setenv("SUCCESS_LOG_SALT", "111111111111")
    orders = [f"00000000-0000-4000-8000-{number:012}" for number in range(8)]
    for service in ("half-talkative", "half-talkative-too"):
        for digit in "0f":  # the client's trace has no say
            deliveries = [
                a_delivery(an_order_created(order_id=each), correlationid=each, traceparent=trace(digit))
                for each in orders
            ]
            handle(service, *deliveries)
    logged = Counter(line["order_id"] for line in output.logs())
    assert 0 < len(logged) < len(orders)
    assert set(logged.values()) == {4}


def test_another_salt_selects_other_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", "0.5")
    orders = [f"00000000-0000-4000-8000-{number:012}" for number in range(64)]
    samples = []
    for salt in ("111111111111", "222222222222"):
        monkeypatch.setenv("SUCCESS_LOG_SALT", salt)
        telemetry = telemetry_of(f"salted-{salt}")
        samples.append({order for order in orders if telemetry.logs_successes_of(order)})
    assert all(16 < len(sample) < 48 for sample in samples)
    assert samples[0] != samples[1]


@pytest.mark.parametrize(("rate", "logged"), [("0", False), ("1", True)])
def test_successes_are_logged_never_or_always_at_the_limits(
    rate: str, monkeypatch: pytest.MonkeyPatch, *, logged: bool
) -> None:
    monkeypatch.setenv("SUCCESS_LOG_RATE", rate)
    telemetry = telemetry_of(f"at-{rate}")
    assert [telemetry.logs_successes_of(f"order {number}") for number in range(9)] == [logged] * 9
