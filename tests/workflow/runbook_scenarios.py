"""Faults of the runbook's sections: each lasts as long as its block and fires an alarm."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infrastructure.alarm_kinds import AlarmKind
from pocketcloud import AwsCall
from tests.workflow.call_faults import Middleware, Proceed, SilentGateway, call_fault, crashing
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
from tests.workflow.version_faults import partner_is_late

RunbookFault = Callable[[Shop], AbstractContextManager[object]]


@dataclass(frozen=True)
class RunbookScenario:
    """A fault and the alarm that it fires."""

    kind: AlarmKind
    alarm: str
    fault: RunbookFault
    ends: str = "shipped"
    """The final status of its orders: cancelled when the operator reacts after their deadline."""
    over: timedelta = timedelta(minutes=20)
    """Time for the alarm to return to OK after the page's commands."""


@contextmanager
def _meanwhile(shop: Shop, middleware: Middleware, *, retry: timedelta, **lasts: int) -> Iterator[None]:
    """Place an order during the fault, and let it last before the operator reacts."""
    shop.cloud.retry_after = retry
    with call_fault(shop.cloud, middleware):
        shop.place(an_order())
        shop.cloud.advance(**lasts)
        yield
    shop.cloud.retry_after = None


@contextmanager
def stalled_relay(shop: Shop) -> Iterator[None]:
    shop.place(an_order())
    with call_fault(shop.cloud, crashing("relay")):
        shop.cloud.advance(minutes=9)
        yield


@contextmanager
def overdue(shop: Shop) -> Iterator[None]:
    """Inventory is unreachable, and the function that cancels overdue orders fails."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        writes = call.operation in {"PutItem", "TransactWriteItems"}
        if writes and call.function == f"{PREFIX}-orders-deadlines":
            raise RuntimeError("a bug in our own code")
        return proceed()

    shop.cloud.outages.add(f"queue/{PREFIX}-inventory")
    with call_fault(shop.cloud, refuse):
        shop.place(an_order())
        shop.cloud.advance(minutes=22)
        yield
    shop.cloud.outages.clear()


@contextmanager
def late(shop: Shop) -> Iterator[None]:
    """Payments' queue is unreachable for a while; SNS retries."""
    shop.cloud.outages.add(f"queue/{PREFIX}-payments")
    shop.place(an_order())
    shop.cloud.advance(minutes=11)
    shop.cloud.outages.clear()
    shop.cloud.advance(minutes=2)
    yield


@contextmanager
def undeliverable(shop: Shop) -> Iterator[None]:
    """A topic is gone, and the dead-letter queue rejects messages."""
    with closed(shop, "order-bus-dlq"), without_topic(shop, "order-confirmed"):
        shop.place(an_order())
        shop.cloud.advance(minutes=2)
        yield


@contextmanager
def throttled_shipping(shop: Shop) -> Iterator[None]:
    """Throttle until SQS dead-letters the message."""
    shop.cloud.retry_after = timedelta(seconds=45)
    with throttled(shop, "shipping"):
        shop.place(an_order())
        shop.cloud.advance(minutes=6)
        yield


@contextmanager
def dead_letters(shop: Shop) -> Iterator[None]:
    """Dead-letter three kinds of message in one queue: our bug, invalid data, no JSON."""
    lines = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
    shop.cloud.put_events([checkout_entry(a_checkout(key="partner-1", lines=lines))])
    send(shop, "orders", "this is not JSON")
    with _meanwhile(shop, failing("orders"), retry=SOON, minutes=4):
        yield


def crashed_for_minutes(shop: Shop) -> AbstractContextManager[None]:
    return _meanwhile(shop, crashing("shipping"), retry=timedelta(seconds=50), minutes=6)


@contextmanager
def unavailable_orders_api(shop: Shop) -> Iterator[None]:
    """Place an order, then make the HTTP API unavailable."""
    shop.place(an_order())
    with call_fault(shop.cloud, busy("orders-api")):
        for _ in range(4):
            assert shop.cloud.http("GET", TABLES_OF_APIS["orders"]).status == 503
            shop.cloud.advance(minutes=1)
        yield


def waiting(shop: Shop) -> AbstractContextManager[None]:
    return _meanwhile(shop, crashing("payments"), retry=timedelta(minutes=8), minutes=19)


@contextmanager
def crashed_relay(shop: Shop) -> Iterator[None]:
    """Crash until Lambda discards the batch; overdue orders are still cancelled."""
    with _meanwhile(shop, crashing("relay"), retry=timedelta(seconds=50), minutes=9):
        shop.cloud.retry_after = timedelta(minutes=30)
        shop.cloud.advance(hours=12)
        yield


def not_dead_lettered(shop: Shop) -> AbstractContextManager[None]:
    """Payments fails and cannot dead-letter."""

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
def many_failures(shop: Shop) -> Iterator[None]:
    body = event_for(shop, "fraud")
    send(shop, "fraud", body, COPIES)
    shop.cloud.retry_after = timedelta(seconds=45)
    with call_fault(shop.cloud, failing("fraud")):
        shop.cloud.advance(minutes=5)
        yield


@contextmanager
def timed_out_gateway(shop: Shop) -> Iterator[None]:
    with call_fault(shop.cloud, SilentGateway("lost")):
        shop.place(an_order())
        shop.cloud.advance(hours=2, minutes=45)
        yield


@contextmanager
def another_sum(shop: Shop) -> Iterator[None]:
    """Report a wrong amount until the provider's record is fixed."""
    a_gateway_that_speaks_of_another_sum(shop, "payments")
    yield
    (row,) = shop.rows("gateway")
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-gateway",
        Key={"idempotency_key": {"S": row["idempotency_key"]}},
        UpdateExpression="SET outcome = :outcome",
        ExpressionAttributeValues={":outcome": {"S": row["outcome"].replace("3798", "3799")}},
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


@contextmanager
def late_partner(shop: Shop) -> Iterator[None]:
    partner_is_late(shop, "orders")
    yield


CANCELLED = "cancelled"
RUNBOOK_SCENARIOS = (
    RunbookScenario(AlarmKind.NOT_FLOWING, "orders-are-not-flowing", stalled_relay),
    RunbookScenario(AlarmKind.ORDERS_OVERDUE, "orders-overdue", overdue, CANCELLED),
    RunbookScenario(AlarmKind.EVENT_LAG, "payments-event-lag", late),
    RunbookScenario(AlarmKind.NOT_DELIVERED, "order-confirmed-not-delivered", undeliverable),
    RunbookScenario(AlarmKind.THROTTLES, "shipping-throttles", throttled_shipping),
    RunbookScenario(AlarmKind.MESSAGE_AGE, "payments-message-age", waiting, CANCELLED),
    RunbookScenario(AlarmKind.ITERATOR_AGE, "relay-iterator-age", crashed_relay, CANCELLED),
    RunbookScenario(AlarmKind.DEAD_LETTERS, "orders-dlq-not-empty", dead_letters),
    RunbookScenario(AlarmKind.NOT_DEAD_LETTERED, "payments-not-dead-lettered", not_dead_lettered),
    RunbookScenario(AlarmKind.FORGED, "shipping-forged", a_forger),
    RunbookScenario(AlarmKind.ERRORS, "shipping-errors", crashed_for_minutes),
    RunbookScenario(AlarmKind.ERRORS, "orders-api-unavailable", unavailable_orders_api),
    RunbookScenario(AlarmKind.API_FAILING, "api-failing", unavailable_orders_api),
    RunbookScenario(AlarmKind.RETRIES, "fraud-retries", many_failures),
    RunbookScenario(
        AlarmKind.PAYMENT_UNKNOWN,
        "payments-payment-unknown-too-long",
        timed_out_gateway,
        CANCELLED,
        timedelta(minutes=50),
    ),
    RunbookScenario(
        AlarmKind.PAYMENT_MISMATCH, "payments-payment-mismatch", another_sum, CANCELLED, timedelta(minutes=50)
    ),
    RunbookScenario(
        AlarmKind.PAYMENT_DECLINES, "payments-declines", declined, CANCELLED, timedelta(minutes=40)
    ),
    RunbookScenario(AlarmKind.PAYMENT_DISPUTED, "payments-payment-disputed", disputed, CANCELLED),
    RunbookScenario(AlarmKind.FRAUD_SUSPECTED_TOO_LATE, "orders-fraud-suspected-too-late", suspicion),
    RunbookScenario(AlarmKind.OLDER_VERSION_ENDS, "orders-older-version-ends", late_partner),
)
