"""Due orders and payments: the longest due comes first, and a failing one delays no other."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.orders import OrderCancelled
from functions.orders import deadlines
from functions.orders.placement import create
from functions.orders.waiting import WaitingOrder
from functions.orders.waiting import due as due_orders
from functions.payments.gateway import MAXIMUM_RESPONSE_MS
from functions.payments.reconciliation import UnreconciledError
from functions.payments.store import due as due_payments
from functions.shared.contracts import codec
from functions.shared.event_store.open_items import shard_of
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.deadline import Deadline
from tests.now import NOW, frozen
from tests.unit.functions.account import facts, put, rows
from tests.unit.functions.aws_faults import amending, recorded_calls
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    Context,
    a_delivery,
    an_inventory_reserved,
    an_order_created,
)
from tests.unit.functions.gateways import Down, behind
from tests.unit.functions.output import Output
from tests.unit.functions.payment_timeline import deliver_at, look_at

CORRUPT = "?"

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture(autouse=True)
def calls_start_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls start at any time: `TimeFor` counts only the checks of the loops."""
    monkeypatch.setattr(Deadline, "require", lambda _self, _needed_ms: None)


class TimeFor(Context):
    """An invocation with time for this many attempts."""

    def __init__(self, attempts: int) -> None:
        self._left = itertools.chain([50_000] * attempts, itertools.repeat(0))

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # Powertools' is static
        return next(self._left)


class Left(Context):
    """An invocation with this many milliseconds left."""

    def __init__(self, left_ms: int) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # as above
        return self._left_ms


def order_id(shard: int, number: int) -> str:
    """Return an id in this shard of the index."""
    return f"{shard:x}{number:07x}-5f43-5a0c-9a38-3d6f0a9d2c11"


def order_at(minute: float, *ids: str) -> None:
    with frozen(NOW + timedelta(minutes=minute)):
        for each in ids:
            assert create(an_order_created(order_id=each), cause=CAUSE).is_new


def run_at(minute: float, context: Context | None = None) -> None:
    when = NOW + timedelta(minutes=minute)
    with frozen(when):
        deadlines.handle({"time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}, context or Context())


def pay_at(minute: float, *ids: str) -> None:
    assert (
        deliver_at(minute, *(a_delivery(an_inventory_reserved(order_id=each)) for each in ids)) == NO_FAILURES
    )


def cancelled() -> list[str]:
    """Return the cancelled orders; skip corrupt events."""
    readable = [codec.read(row["event"]) for row in rows("EVENT_LOG_TABLE") if row["event"] != CORRUPT]
    cancellations = [event for event in readable if isinstance(event.fact, OrderCancelled)]
    return [event.subject for event in sorted(cancellations, key=lambda event: event.time)]


def tries() -> dict[str, int]:
    return {row["order_id"]: int(row["tries"]) for row in rows("ATTEMPTS_TABLE")}


MIXED = [order_id(shard, number) for number, shard in enumerate([3, 0, 2, 1, 0, 3])]


def test_due_items_are_ordered_over_all_shards() -> None:
    for minute, each in enumerate(MIXED):
        order_at(minute, each)
    with behind(Down()):
        for minute, each in enumerate(MIXED):
            pay_at(minute, each)
    later = NOW + timedelta(hours=1)
    assert len({shard_of(each) for each in MIXED}) == 4
    assert [each.order_id for each in due_orders(later)] == MIXED
    assert list(due_payments(later)) == MIXED
    assert [each.order_id for each in due_orders(NOW + timedelta(minutes=3))] == MIXED[:4]


def test_due_items_are_read_one_page_at_a_time() -> None:
    order_at(0, *MIXED)

    def add_next_page(response: dict[str, Any]) -> None:
        response["LastEvaluatedKey"] = {"open_in": {"S": "open-0"}, "open_since": {"S": "2026"}}

    with amending(dynamodb(), "Query", add_next_page), recorded_calls(dynamodb()) as made:
        next(due_orders(NOW + timedelta(hours=1)))
    assert made == ["Query"] * 4


def test_payment_is_reconciled_when_another_shard_has_backlog() -> None:
    silent = [order_id(0, number) for number in range(30)]
    last = order_id(3, 0)
    with behind(Down()):
        pay_at(0, *silent)
        pay_at(0.5, last)
        for minute in range(2, 2 + 16):
            look_at(minute, TimeFor(2))
    assert all(count > 1 for count in tries().values()), tries()


def test_payment_is_reconciled_when_another_is_unreadable(output: Output) -> None:
    broken, other = order_id(0, 1), order_id(0, 2)
    with behind(Down()):
        pay_at(0, broken)
        pay_at(0.5, other)
    row = next(row for row in rows("ATTEMPTS_TABLE") if row["order_id"] == broken)
    put(
        "ATTEMPTS_TABLE",
        **{name: {"S": value} for name, value in row.items() if name not in {"amount", "tries", "cause"}},
        amount={"N": row["amount"]},
        tries={"N": row["tries"]},
        cause={"S": "?"},
    )
    with pytest.raises(UnreconciledError):
        look_at(2, TimeFor(1))
    look_at(3, TimeFor(1))
    assert tries()[other] == 2
    assert output.metrics()["PaymentReconciled"] == 1


@pytest.mark.parametrize(("left_ms", "looked"), [(2 * MAXIMUM_RESPONSE_MS + 7_000, True), (26_999, False)])
def test_reconciliation_starts_with_27_seconds_left(output: Output, left_ms: int, *, looked: bool) -> None:
    with behind(Down()):
        pay_at(0, MIXED[0])
    look_at(1, Left(left_ms))
    assert tries() == {MIXED[0]: 1 + looked}
    assert output.metrics().get("Deferred", 0) == (not looked)


@pytest.mark.parametrize(("left_ms", "ended"), [(28_000, True), (27_999, False)])
def test_cancellation_starts_with_28_seconds_left(output: Output, left_ms: int, *, ended: bool) -> None:
    order_at(0, MIXED[0])
    run_at(15, Left(left_ms))
    assert cancelled() == MIXED[:1] * ended
    assert output.metrics().get("Deferred", 0) == (not ended)


def test_oldest_orders_are_cancelled_first() -> None:
    for number, each in enumerate(MIXED):
        order_at(number / 10, each)
    for minute in range(16, 19):
        run_at(minute, TimeFor(2))
        assert set(cancelled()) == set(MIXED[: 2 * (minute - 15)])


def test_order_is_cancelled_when_another_is_unreadable(output: Output) -> None:
    poison, others = order_id(0, 1), [order_id(0, number) for number in range(2, 5)]
    order_at(0, poison)
    order_at(0.5, *others)
    corrupt(poison)
    with pytest.raises(deadlines.OverdueError):
        run_at(16, TimeFor(1))
    for minute in range(17, 20):
        run_at(minute, TimeFor(1))
    assert sorted(cancelled()) == others
    assert output.metrics()["TimedOut"] == 3


def test_unreadable_order_is_overdue_at_every_run(output: Output) -> None:
    poison = order_id(0, 1)
    order_at(0, poison)
    corrupt(poison)
    overdue = []
    for minute in (15, 18, 20, 20.1, 21, 22):
        with pytest.raises(deadlines.OverdueError):
            run_at(minute)
        overdue.append(output.metrics()["Overdue"])
        output.forget()
    assert overdue == [0, 0, 0, 1, 1, 1]


def corrupt(each: str) -> None:
    """Make the order's event unreadable."""
    put("EVENT_LOG_TABLE", pk={"S": f"orders#{each}"}, sk={"S": "creation"}, event={"S": CORRUPT})


def test_orders_are_cancelled_when_a_shipment_is_unreadable() -> None:
    broken, other = order_id(0, 1), order_id(0, 2)
    order_at(0, broken, other)
    put("EVENT_LOG_TABLE", pk={"S": f"shipping#{broken}"}, sk={"S": "shipment"}, event={"S": CORRUPT})
    run_at(15)
    assert cancelled() == [broken, other]


def test_settled_payment_is_unchanged_when_index_is_stale(output: Output) -> None:
    pay_at(0, MIXED[0])
    before = rows("ATTEMPTS_TABLE"), facts()
    output.forget()

    def stale(response: dict[str, Any]) -> None:
        item = {"order_id": {"S": MIXED[0]}, "due_at": {"S": "2026-11-23T10:00:00.000+00:00"}}
        missing = {**item, "order_id": {"S": MIXED[1]}}
        response["Items"] = [item, missing]

    with amending(dynamodb(), "Query", stale):
        look_at(30)
    assert (rows("ATTEMPTS_TABLE"), facts()) == before
    assert output.metrics() == {"PaymentReconciled": 0}


def test_run_takes_up_2000_open_orders_of_a_backlog(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    order = WaitingOrder(order_id=MIXED[0], place="", opened_at=NOW)
    monkeypatch.setattr("functions.orders.waiting.due", lambda _: itertools.repeat(order))
    run_at(60, TimeFor(20))
    assert output.metrics() == {"Overdue": 2000, "Deferred": 1, "TimedOut": 0}


def test_run_stops_reading_when_time_runs_out(output: Output) -> None:
    ids = [order_id(0, number) for number in range(deadlines.CHUNK + 1)]
    order_at(0, *ids)
    run_at(60, TimeFor(0))
    assert output.metrics() == {"Overdue": deadlines.CHUNK, "Deferred": 2, "TimedOut": 0}
