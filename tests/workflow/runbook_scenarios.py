"""Troubles as the runbook's sections are about: each lasts while its block does, and rings an alarm."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infrastructure.observability.alarm_kinds import AlarmKind
from pocketcloud import AwsCall
from tests.workflow.dead_letter_queues import SOON
from tests.workflow.delivery_faults import closed, throttled, without_topic
from tests.workflow.function_faults import (
    COPIES,
    TABLES_OF_APIS,
    a_bank_that_took_the_money_back,
    a_gateway_that_declines_all,
    a_gateway_that_speaks_of_another_sum,
    busy,
    event_for,
    failing,
    forged,
    send,
    suspected_too_late,
)
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry
from tests.workflow.call_faults import Middleware, Proceed, SilentGateway, crashing, trouble

Trouble = Callable[[Shop], AbstractContextManager[object]]


@dataclass(frozen=True)
class Drill:
    """A trouble, and the alarm that it rings."""

    kind: AlarmKind
    alarm: str
    trouble: Trouble
    ends: str = "shipped"
    """What becomes of its orders; they are cancelled where somebody looks after their deadline."""
    over: timedelta = timedelta(minutes=20)
    """When the alarm is quiet, once the page's commands have been typed."""


@contextmanager
def _meanwhile(shop: Shop, middleware: Middleware, *, retry: timedelta, **lasts: int) -> Iterator[None]:
    """An order comes into it, and it lasts for so long before somebody looks."""
    shop.cloud.retry_after = retry
    with trouble(shop.cloud, middleware):
        shop.place(an_order())
        shop.cloud.advance(**lasts)
        yield
    shop.cloud.retry_after = None


@contextmanager
def stalled_relay(shop: Shop) -> Iterator[None]:
    shop.place(an_order())
    with trouble(shop.cloud, crashing("relay")):
        shop.cloud.advance(minutes=9)
        yield


@contextmanager
def overdue(shop: Shop) -> Iterator[None]:
    """Nobody reserves anything, and what ends such orders fails as well."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if (call.function, call.operation) == (f"{PREFIX}-orders-deadlines", "TransactWriteItems"):
            raise RuntimeError("a bug in our own code")
        return proceed()

    shop.cloud.outages.add(f"queue/{PREFIX}-inventory")
    with trouble(shop.cloud, refuse):
        shop.place(an_order())
        shop.cloud.advance(minutes=22)
        yield
    shop.cloud.outages.clear()


@contextmanager
def late(shop: Shop) -> Iterator[None]:
    """Payments' queue cannot be reached for a while; SNS tries until it can."""
    shop.cloud.outages.add(f"queue/{PREFIX}-payments")
    shop.place(an_order())
    shop.cloud.advance(minutes=11)
    shop.cloud.outages.clear()
    shop.cloud.advance(minutes=2)
    yield


@contextmanager
def lost_on_the_way(shop: Shop) -> Iterator[None]:
    """A topic is gone, and the dead-letter queue lets nobody in."""
    with closed(shop, "order-bus-dlq"), without_topic(shop, "order-confirmed"):
        shop.place(an_order())
        shop.cloud.advance(minutes=2)
        yield


@contextmanager
def not_let_run(shop: Shop) -> Iterator[None]:
    """Until SQS has given up what waits."""
    shop.cloud.retry_after = timedelta(seconds=45)
    with throttled(shop, "shipping"):
        shop.place(an_order())
        shop.cloud.advance(minutes=6)
        yield


@contextmanager
def dead_letters(shop: Shop) -> Iterator[None]:
    """A bug of ours, a slip of a partner's and somebody's noise, all in one queue."""
    lines = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
    shop.cloud.put_events([checkout_entry(a_checkout(key="partner-1", lines=lines))])
    send(shop, "orders", "this is not JSON")
    with _meanwhile(shop, failing("orders"), retry=SOON, minutes=4):
        yield


def crashed_for_minutes(shop: Shop) -> AbstractContextManager[None]:
    return _meanwhile(shop, crashing("shipping"), retry=timedelta(seconds=50), minutes=6)


@contextmanager
def busy_door(shop: Shop) -> Iterator[None]:
    """An order has come in before; nobody can look at it."""
    shop.place(an_order())
    with trouble(shop.cloud, busy("orders-api")):
        for _ in range(4):
            assert shop.cloud.http("GET", TABLES_OF_APIS["orders"]).status == 503
            shop.cloud.advance(minutes=1)
        yield


def waiting(shop: Shop) -> AbstractContextManager[None]:
    return _meanwhile(shop, crashing("payments"), retry=timedelta(minutes=8), minutes=19)


@contextmanager
def silent_relay(shop: Shop) -> Iterator[None]:
    """For so long that Lambda gives up; orders are overdue by then, and end all the same."""
    with _meanwhile(shop, crashing("relay"), retry=timedelta(seconds=50), minutes=9):
        shop.cloud.retry_after = timedelta(minutes=30)
        shop.cloud.advance(hours=12)
        yield


def unparked(shop: Shop) -> AbstractContextManager[None]:
    """Payments fails, and its dead-letter queue takes nothing from it."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-payments":
            raise RuntimeError("a bug in our own code, and no dead-letter queue")
        return proceed()

    return _meanwhile(shop, refuse, retry=SOON, minutes=4)


@contextmanager
def a_forger(shop: Shop) -> Iterator[None]:
    forged(shop, "shipping")
    yield


@contextmanager
def many_that_fail(shop: Shop) -> Iterator[None]:
    body = event_for(shop, "fraud")
    send(shop, "fraud", body, COPIES)
    shop.cloud.retry_after = timedelta(seconds=45)
    with trouble(shop.cloud, failing("fraud")):
        shop.cloud.advance(minutes=5)
        yield


@contextmanager
def a_silent_gateway(shop: Shop) -> Iterator[None]:
    with trouble(shop.cloud, SilentGateway("lost")):
        shop.place(an_order())
        shop.cloud.advance(hours=2, minutes=45)
        yield


@contextmanager
def another_sum(shop: Shop) -> Iterator[None]:
    """Until somebody puts it right at the provider."""
    a_gateway_that_speaks_of_another_sum(shop, "payments")
    yield
    (row,) = shop.rows("gateway")
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-gateway",
        Key={"idempotency_key": {"S": row["idempotency_key"]}},
        UpdateExpression="SET answer = :answer",
        ExpressionAttributeValues={":answer": {"S": row["answer"].replace("3798", "3799")}},
    )


@contextmanager
def disputed(shop: Shop) -> Iterator[None]:
    a_bank_that_took_the_money_back(shop, "payments")
    yield


@contextmanager
def declined(shop: Shop) -> Iterator[None]:
    a_gateway_that_declines_all(shop, "payments")
    yield


@contextmanager
def suspicion(shop: Shop) -> Iterator[None]:
    suspected_too_late(shop, "orders")
    yield


CANCELLED = "cancelled"
DRILLS = (
    Drill(AlarmKind.NOT_FLOWING, "orders-are-not-flowing", stalled_relay),
    Drill(AlarmKind.ORDERS_OVERDUE, "orders-overdue", overdue, CANCELLED),
    Drill(AlarmKind.EVENT_LAG, "payments-event-lag", late),
    Drill(AlarmKind.NOT_DELIVERED, "order-confirmed-not-delivered", lost_on_the_way),
    Drill(AlarmKind.THROTTLES, "shipping-throttles", not_let_run),
    Drill(AlarmKind.MESSAGE_AGE, "payments-message-age", waiting, CANCELLED),
    Drill(AlarmKind.ITERATOR_AGE, "relay-iterator-age", silent_relay, CANCELLED),
    Drill(AlarmKind.DEAD_LETTERS, "orders-dlq-not-empty", dead_letters),
    Drill(AlarmKind.NOT_DEAD_LETTERED, "payments-not-dead-lettered", unparked),
    Drill(AlarmKind.FORGED, "shipping-forged", a_forger),
    Drill(AlarmKind.ERRORS, "shipping-errors", crashed_for_minutes),
    Drill(AlarmKind.ERRORS, "orders-api-unavailable", busy_door),
    Drill(AlarmKind.RETRIES, "fraud-retries", many_that_fail),
    Drill(
        AlarmKind.PAYMENT_UNKNOWN,
        "payments-payment-unknown-too-long",
        a_silent_gateway,
        CANCELLED,
        timedelta(minutes=50),
    ),
    Drill(
        AlarmKind.PAYMENT_MISMATCH, "payments-payment-mismatch", another_sum, CANCELLED, timedelta(minutes=50)
    ),
    Drill(AlarmKind.PAYMENT_DECLINES, "payments-declines", declined, CANCELLED, timedelta(minutes=40)),
    Drill(AlarmKind.PAYMENT_DISPUTED, "payments-payment-disputed", disputed, CANCELLED),
    Drill(AlarmKind.FRAUD_SUSPECTED_TOO_LATE, "orders-fraud-suspected-too-late", suspicion),
)
