"""A trace has one delivery per function, and the services yet to handle an event."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.core.event_history import LoggedFact
from cli.core.terminal_text import terminal
from cli.trace.dead_letters import OrderDeadLetter, OrderDeadLetters
from cli.trace.deliveries import deliveries, waiting_services
from cli.trace.log_search import LogEntry
from cli.trace.mermaid import mermaid
from cli.trace.render import tree
from cli.trace.trace import Trace
from infrastructure.names import Names

NAMES = Names("dev")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CONSUMERS = ("inventory", "notifications", "fraud", "views")


def a_fact(name: str, owner: str, *, cause: str = "request", reason: str | None = None) -> LoggedFact:
    return LoggedFact(
        id=name,
        type=name,
        owner=owner,
        time=NOW,
        causation_id=cause,
        correlation_id="c",
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
        reason=reason,
    )


def an_entry(  # noqa: PLR0913 - every field that a test varies
    event: str, service: str, outcome: str, *, seconds: int = 0, count: str = "1", reason: str = ""
) -> LogEntry:
    return LogEntry(
        at=NOW + timedelta(seconds=seconds),
        function=NAMES.relay if service == "relay" else NAMES.function(service),
        outcome=outcome,
        event_id=event,
        schema="-",
        trace_id="-",
        causation_id="-",
        receive_count=count,
        reason=reason,
    )


CREATED = a_fact("OrderCreated", "orders")
PUBLISHED = an_entry("OrderCreated", "relay", "published")


def a_trace(facts: list[LoggedFact], entries: list[LogEntry], **more: object) -> Trace:
    return Trace(
        order_id="o",
        facts=facts,
        payment=None,
        entries=entries,
        unreadable=[],
        waiting_for=waiting_services(NAMES, facts, entries),
        **more,  # type: ignore[arg-type]  # as declared
    )


def test_delivery_is_one_when_it_was_retried_and_duplicated() -> None:
    outcomes = ["retried", "retried", "handled", "duplicate"]
    entries = [
        an_entry("e", "views", outcome, seconds=n, count=str(n + 1)) for n, outcome in enumerate(outcomes)
    ]
    (delivery,) = deliveries(entries)
    function = NAMES.function("views")
    expected = f"handled by {function}, received 3 times (also: retried 2 times, duplicate once)"
    assert str(delivery) == expected


def test_delivery_shows_the_last_retry_when_none_succeeded() -> None:
    entries = [an_entry("e", "views", "retried", seconds=n, reason=f"r{n}") for n in range(3)]
    (delivery,) = deliveries(entries)
    assert (delivery.last.reason, delivery.others) == ("r2", {"retried": 2})


def test_event_waits_for_every_consumer_without_an_entry() -> None:
    found = waiting_services(NAMES, [CREATED], [PUBLISHED]) or {}
    assert {event: set(names) for event, names in found.items()} == {"OrderCreated": set(CONSUMERS)}


@pytest.mark.parametrize("outcome", ["handled", "ignored", "duplicate", "dead-lettered"])
def test_event_waits_no_longer_when_a_consumer_has_finished(outcome: str) -> None:
    entries = [PUBLISHED, *(an_entry("OrderCreated", name, outcome) for name in CONSUMERS)]
    assert waiting_services(NAMES, [CREATED], entries) == {}


@pytest.mark.parametrize("outcome", ["retried", "not dead-lettered"])
def test_event_still_waits_when_a_consumer_has_failed(outcome: str) -> None:
    entries = [PUBLISHED, *(an_entry("OrderCreated", name, outcome) for name in CONSUMERS)]
    assert set((waiting_services(NAMES, [CREATED], entries) or {})["OrderCreated"]) == set(CONSUMERS)


def test_event_waits_for_relay_when_it_is_unpublished() -> None:
    placed = an_entry("request", "orders", "order placed")
    assert waiting_services(NAMES, [CREATED], [placed]) == {"OrderCreated": ["relay"]}


def test_waiting_is_unknown_when_successes_are_not_logged() -> None:
    failed = an_entry("OrderCreated", "views", "retried")
    assert waiting_services(NAMES, [CREATED], [failed]) is None


def test_consumer_has_handled_event_when_it_has_effect() -> None:
    facts = [CREATED, a_fact("InventoryReserved", "inventory", cause="OrderCreated")]
    assert "inventory" not in (waiting_services(NAMES, facts, [PUBLISHED]) or {})["OrderCreated"]


def test_consumer_is_omitted_when_unreadable_or_dead_lettered() -> None:
    silent = [f"{NAMES.function('views')}: AccessDenied"]
    queue = NAMES.dead_letter_queue("fraud")
    dead = [OrderDeadLetter(event_id="OrderCreated", message_id="m", queue=queue, reason="r", at=NOW)]
    found = waiting_services(NAMES, [CREATED], [PUBLISHED], unreadable_logs=silent, dead=dead)
    assert set((found or {})["OrderCreated"]) == {"inventory", "notifications"}


def test_trace_names_the_services_it_waits_for() -> None:
    entries = [
        PUBLISHED,
        *(an_entry("OrderCreated", name, "handled") for name in CONSUMERS if name != "views"),
    ]
    trace = a_trace([CREATED], entries)
    assert trace.as_json()["facts"][0]["waiting_for"] == ["views"]
    console = terminal()
    with console.capture() as shown:
        console.print(tree(trace))
    assert "waiting for: views" in shown.get()
    assert "Note over orders: OrderCreated is waiting for: views" in mermaid(trace)


def test_trace_says_when_waiting_is_unknown() -> None:
    trace = a_trace([CREATED], [])
    assert trace.as_json()["facts"][0]["waiting_for"] is None
    console = terminal()
    with console.capture() as shown:
        console.print(tree(trace))
    assert "waiting consumers are unknown" in shown.get()


def test_diagram_draws_each_delivery_once() -> None:
    facts = [CREATED, a_fact("InventoryReserved", "inventory", cause="OrderCreated")]
    entries = [
        *(an_entry("OrderCreated", "inventory", outcome) for outcome in ("retried", "handled", "duplicate")),
        *(an_entry("OrderCreated", "views", outcome) for outcome in ("handled", "duplicate", "duplicate")),
    ]
    arrows = [line.strip() for line in mermaid(a_trace(facts, entries)).splitlines() if ">>" in line]
    assert arrows == [
        "outside->>orders: request or event",
        "orders-->>views: OrderCreated, handled (also: duplicate 2 times)",
        "orders->>inventory: OrderCreated (also: retried once, duplicate once)",
    ]


@pytest.mark.parametrize(
    "text", ["a;b", "a\nparticipant x", 'say "hi"', "a#b", "<img onerror=x>", "a\u202eb", "{x}"]
)
def test_diagram_takes_no_statement_from_text(text: str) -> None:
    dead = OrderDeadLetters(
        messages=[OrderDeadLetter(event_id="OrderCreated", message_id="m", queue="q", reason=text, at=NOW)],
        cut_short=[],
        in_flight={},
    )
    facts = [a_fact("OrderCreated", text, reason=text), a_fact("OrderConfirmed", "end", cause="OrderCreated")]
    trace = a_trace(facts, [an_entry("OrderConfirmed", "views", "retried", reason=text)], dead_letters=dead)
    diagram = mermaid(trace)
    plain = mermaid(
        a_trace(
            [a_fact("OrderCreated", "a", reason="a"), a_fact("OrderConfirmed", "end", cause="OrderCreated")],
            [an_entry("OrderConfirmed", "views", "retried", reason="a")],
            dead_letters=OrderDeadLetters(
                messages=[
                    OrderDeadLetter(event_id="OrderCreated", message_id="m", queue="q", reason="a", at=NOW)
                ],
                cut_short=[],
                in_flight={},
            ),
        )
    )
    assert diagram.count("\n") == plain.count("\n")
    for line in diagram.splitlines():
        assert not set('"<>{}\u202e') & set(line.replace("->>", ""))
    assert "participant end_" in diagram
