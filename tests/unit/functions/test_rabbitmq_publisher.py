"""Publishing to RabbitMQ: what the broker does not confirm fails, item by item, within bounded time."""

from collections.abc import Iterator, Sequence
from itertools import count
from time import monotonic

import pytest
from pika import ConnectionParameters, PlainCredentials

from functions.rabbitmq import publisher as module
from functions.rabbitmq.channel import ConfirmChannel, UnreachableError
from functions.rabbitmq.confirms import NOT_ACCEPTED, AmqpMessage, Confirms
from functions.rabbitmq.publisher import IDLE_SECONDS, ExchangePublisher
from tests.unit.functions.amqp_server import (
    PASSWORD,
    AmqpServer,
    Decide,
    ack,
    broken,
    nack,
    no_confirm,
    serving,
    unroutable,
)

TIMEOUT_SECONDS = 0.2


def batch(size: int = 3) -> list[AmqpMessage]:
    return [
        AmqpMessage(
            key=f"m{number}",
            id=f"e{number}",
            routing_key="orders.OrderConfirmed",
            headers={"cloudEvents:id": f"e{number}"},
            content_type="application/json",
            body=b"{}",
        )
        for number in range(size)
    ]


def channel(server: AmqpServer) -> ConfirmChannel:
    user = PlainCredentials("bridge", PASSWORD)
    return ConfirmChannel(
        ConnectionParameters("127.0.0.1", server.port, credentials=user), timeout_seconds=TIMEOUT_SECONDS
    )


def only(chosen: str, decide: Decide) -> Decide:
    """Return a decision that differs for one event."""
    return lambda arrived: decide(arrived) if arrived.id == chosen else ack(arrived)


@pytest.fixture
def publisher(server: AmqpServer) -> Iterator[ExchangePublisher]:
    publisher = ExchangePublisher(lambda: channel(server), exchange="orders")
    yield publisher
    publisher.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AmqpServer]:
    monkeypatch.setattr(module, "CONFIRM_SECONDS", TIMEOUT_SECONDS)
    with serving() as server:
        yield server


def test_publisher_reuses_its_connection(server: AmqpServer, publisher: ExchangePublisher) -> None:
    assert [publisher.publish(batch()) for _ in range(3)] == [{}, {}, {}]
    assert (server.connections, len(server.arrived)) == (1, 9)
    first = server.arrived[0]
    assert (first.method.exchange, first.method.mandatory) == ("orders", True)
    shown = first.properties
    assert (shown.message_id, shown.delivery_mode, shown.content_type) == ("e0", 2, "application/json")
    assert shown.headers == {"cloudEvents:id": "e0"}


@pytest.mark.parametrize(
    ("decide", "failed"),
    [
        (only("e1", nack), {"m1": NOT_ACCEPTED}),
        (only("e1", unroutable), {"m1": "unroutable: 312 NO_ROUTE"}),
        (only("e1", no_confirm), {"m1": "unconfirmed: no confirm in time"}),
        (broken, dict.fromkeys(("m0", "m1", "m2"), "connection_closed: StreamLostError")),
    ],
    ids=["rejected", "unroutable", "no-confirm", "closed"],
)
def test_publisher_names_what_the_broker_did_not_confirm(
    server: AmqpServer, publisher: ExchangePublisher, decide: Decide, failed: dict[str, str]
) -> None:
    server.decide = decide
    started = monotonic()
    assert publisher.publish(batch()) == failed
    assert monotonic() - started < 20 * TIMEOUT_SECONDS
    server.decide = ack
    assert publisher.publish(batch()) == {}


def test_publisher_resends_when_a_kept_connection_closes(
    server: AmqpServer, publisher: ExchangePublisher
) -> None:
    publisher.publish(batch(1))
    failures = count()
    server.decide = only("e1", lambda arrived: broken(arrived) if next(failures) == 0 else ack(arrived))
    assert publisher.publish(batch()) == {}
    assert server.connections == 2
    assert {each.id for each in server.arrived} == {"e0", "e1", "e2"}


def test_channel_raises_when_the_broker_refuses(server: AmqpServer) -> None:
    server.password = "rotated"
    with pytest.raises(UnreachableError, match="ProbableAuthenticationError"):
        channel(server)
    server.is_silent = True
    with pytest.raises(UnreachableError, match="ConnectionOpenAborted"):
        channel(server)
    server.close()
    with pytest.raises(UnreachableError, match="AMQPConnectionError"):
        channel(server)


class _Kept:
    """A channel that confirms everything."""

    def look(self) -> bool:
        return True

    def publish(self, *_: object, **__: object) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


def test_publisher_reopens_a_connection_that_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[_Kept] = []
    times: Iterator[float] = iter([0, 1, 1, 2 + IDLE_SECONDS, 2 + IDLE_SECONDS])
    monkeypatch.setattr(module, "monotonic", lambda: next(times))

    def connect() -> _Kept:
        opened.append(_Kept())
        return opened[-1]

    publisher = ExchangePublisher(connect, exchange="orders")
    for _ in range(3):
        publisher.publish(batch(1))
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("decisions", "failed"),
    [
        ([(3, True, True)], set()),
        ([(0, True, True)], set()),
        ([(2, True, False), (3, False, True)], {"m0", "m1"}),
        ([(9, False, False), (3, True, True)], set()),
    ],
    ids=["up-to", "all", "several-rejected", "of-another-batch"],
)
def test_confirms_apply_to_one_tag_or_several(
    decisions: Sequence[tuple[int, bool, bool]], failed: set[str]
) -> None:
    confirms = Confirms(batch())
    for tag, multiple, accepted in decisions:
        confirms.confirm(tag, multiple=multiple, accepted=accepted)
    assert (confirms.is_complete, set(confirms.failed)) == (True, failed)
