"""One customer's orders in a minute, and open ones: the API rejects more than the stage allows."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.orders.completion import cancel
from functions.orders.placements import TooManyOrdersError, counted, seconds_left
from functions.orders.store import commit_creation
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import everything, names_of_facts, rows
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.builders import CAUSE, a_shipment_scheduled, an_order_created
from tests.unit.functions.output import Output
from tests.unit.functions.shop import place

pytestmark = pytest.mark.usefixtures("catalogue")

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def two_orders_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", "2")


def id_of(number: int) -> str:
    return f"00000000-0000-5000-8000-{number:012}"


def create(number: int, *, at: datetime = NOON, customer: str = "ada") -> bool:
    order = an_order_created(order_id=id_of(number), customer_id=customer)
    return commit_creation(order, cause=CAUSE, now=at, limited=True).is_new


def each_minute(*numbers: int) -> list[bool]:
    """Place these orders, each in a minute of its own."""
    return [create(number, at=NOON + timedelta(minutes=number)) for number in numbers]


def test_order_above_the_limit_is_rejected_and_leaves_nothing(output: Output) -> None:
    assert [place(f"k-{number}").status for number in range(2)] == [202, 202]
    before = everything()
    reply = place("k-2")
    assert (reply.status, reply.code) == (429, "too_many_orders")
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert everything() == before
    assert output.metrics()["IntakeRejected"] == 1


def test_repeated_order_is_accepted_when_the_minute_is_full() -> None:
    first = place("k-0")
    assert place("k-1").status == 202
    again = place("k-0")
    assert (again.status, again.json()) == (202, first.json())
    assert names_of_facts() == ["OrderCreated"] * 2


def test_limit_is_of_one_customer_and_one_minute() -> None:
    assert create(1)
    assert create(2)
    with pytest.raises(TooManyOrdersError) as error:
        create(3)
    assert error.value.seconds_left == 30
    assert create(3, customer="eve")
    assert create(4, at=NOON + timedelta(seconds=30))


def test_order_of_a_partner_is_not_counted() -> None:
    for number in range(3):
        order = an_order_created(order_id=f"00000000-0000-5000-8000-{number:012}")
        assert commit_creation(order, cause=CAUSE, now=NOON).is_new
    assert rows("PLACEMENTS_TABLE") == []


def test_count_takes_no_request_of_its_own_and_expires() -> None:
    with recorded_calls(dynamodb()) as calls:
        create(1)
    assert calls == ["TransactWriteItems"]
    (row,) = rows("PLACEMENTS_TABLE")
    assert row["customer_minute"] == "ada"
    assert list(row["orders"]) == [f"{NOON.timestamp() // 60:.0f}#{id_of(1)}"]
    assert int(row["expires_at"]) - NOON.timestamp() == 7 * 86_400


def test_order_is_rejected_while_the_allowed_number_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_ORDERS", "3")
    assert each_minute(1, 2, 3) == [True] * 3
    before = everything()
    with pytest.raises(TooManyOrdersError, match="open") as error:
        each_minute(4)
    assert error.value.seconds_left == 60
    assert each_minute(3) == [False]  # a repeated request
    assert {**everything(), "PLACEMENTS_TABLE": []} == {**before, "PLACEMENTS_TABLE": []}
    assert create(5, customer="eve")


@pytest.mark.parametrize("end", ["cancelled", "shipped"])
def test_ended_order_makes_room_for_exactly_one(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_ORDERS", "3")
    each_minute(1, 2, 3)
    order = an_order_created(order_id=id_of(2), customer_id="ada")
    if end == "cancelled":
        for _ in range(2):
            cancel(order, "customer_request", cause=CAUSE)
    else:
        event_log().append(a_shipment_scheduled(order_id=id_of(2)), cause=CAUSE)
    assert each_minute(4) == [True]
    with pytest.raises(TooManyOrdersError):
        each_minute(5)


def test_many_open_orders_are_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_ORDERS", "18")
    assert each_minute(*range(18)) == [True] * 18
    with pytest.raises(TooManyOrdersError):
        each_minute(18)


def test_order_that_a_restored_log_lacks_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_ORDERS", "1")
    create(1)
    assert create(2, at=NOON + timedelta(days=7, minutes=1))


def test_order_is_rejected_when_others_take_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.orders.store.make_room", lambda *_, **__: 1)
    each_minute(1, 2)
    with pytest.raises(TooManyOrdersError, match="at the same time"):
        each_minute(3)


@pytest.mark.parametrize(("second", "left"), [(0, 60), (1, 59), (59, 1)])
def test_time_until_the_next_minute_is_never_zero(second: int, left: int) -> None:
    assert seconds_left(NOON.replace(second=second, microsecond=999_999)) == left


def test_minute_is_in_utc_in_any_time_zone() -> None:
    elsewhere = NOON.astimezone(datetime.now().astimezone().tzinfo)
    assert counted("1", "ada", elsewhere, room=1) == counted("1", "ada", NOON, room=1)
