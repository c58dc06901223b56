"""`journey_of` derives a journey from the journal's hops."""

from datetime import UTC, datetime, timedelta

from cli.demo.journey import ConsumerArrival, FactJourney, journey_of
from pocketcloud.core.journal import EventRef, Hop, Kind

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CREATED = EventRef("e-1", "OrderCreated", "order-1")
RESERVED = EventRef("e-2", "InventoryReserved", "order-1")


def hop(
    milliseconds: int, kind: Kind, source: str, destination: str, event: EventRef | None = CREATED
) -> Hop:
    return Hop(NOON + timedelta(milliseconds=milliseconds), kind, source, destination, event)


TO_TWO_CONSUMERS = [
    hop(0, Kind.RECORDED, "function/orders-api", "table/event-log"),
    hop(200, Kind.INVOKED, "table/event-log", "function/relay"),
    hop(210, Kind.ACCEPTED, "function/relay", "bus/order-bus"),
    hop(210, Kind.MATCHED, "bus/order-bus", "rule/catch-all"),
    hop(210, Kind.MATCHED, "bus/order-bus", "rule/order-created"),
    hop(360, Kind.PUBLISHED, "rule/order-created", "topic/order-created"),
    hop(400, Kind.ENQUEUED, "topic/order-created", "queue/inventory"),
    hop(410, Kind.ENQUEUED, "topic/order-created", "queue/notifications"),
    hop(420, Kind.INVOKED, "queue/inventory", "function/inventory"),
    hop(420, Kind.HANDLED, "queue/inventory", "function/inventory"),
    hop(440, Kind.INVOKED, "queue/notifications", "function/notifications"),
]


def arrival(consumer: str, milliseconds: int, attempts: int = 1) -> ConsumerArrival:
    route = ("rule/order-created", "topic/order-created", f"queue/{consumer}", f"function/{consumer}")
    return ConsumerArrival(route, timedelta(milliseconds=milliseconds), attempts)


def test_journey_leads_from_the_publisher_to_each_consumer() -> None:
    assert journey_of(TO_TWO_CONSUMERS) == [
        FactJourney(
            "OrderCreated",
            "function/orders-api",
            NOON,
            (arrival("inventory", 420), arrival("notifications", 440)),
        )
    ]


def test_journey_counts_attempts_at_the_first_arrival() -> None:
    again = hop(9_000, Kind.INVOKED, "queue/inventory", "function/inventory")
    (fact,) = journey_of([*TO_TWO_CONSUMERS, again])
    assert fact.arrivals[0] == arrival("inventory", 420, attempts=2)


def test_journey_of_a_checkout_has_no_topic() -> None:
    checkout = EventRef("e-0", "CheckoutCompleted", "key-1")
    (fact,) = journey_of(
        [
            hop(0, Kind.ACCEPTED, "client", "bus/ingress-bus", checkout),
            hop(0, Kind.MATCHED, "bus/ingress-bus", "rule/checkout-completed", checkout),
            hop(150, Kind.ENQUEUED, "rule/checkout-completed", "queue/orders", checkout),
            hop(170, Kind.INVOKED, "queue/orders", "function/orders", checkout),
        ]
    )
    assert (fact.publisher, fact.arrivals[0].route) == (
        "client",
        ("rule/checkout-completed", "queue/orders", "function/orders"),
    )


def test_journey_sorts_facts_and_includes_unconsumed_ones() -> None:
    reserved = hop(430, Kind.RECORDED, "function/inventory", "table/event-log", RESERVED)
    facts = journey_of([reserved, *TO_TWO_CONSUMERS, hop(500, Kind.REFUSED, "client", "bus/x", None)])
    assert [(fact.fact, len(fact.arrivals)) for fact in facts] == [
        ("OrderCreated", 2),
        ("InventoryReserved", 0),
    ]
