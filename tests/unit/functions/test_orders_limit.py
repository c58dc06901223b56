"""One customer's orders in a minute: the API rejects more than the stage allows, and creates none of them."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.orders.placements import seconds_left, within_limit
from functions.orders.store import TooManyOrdersError, commit_creation
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import everything, names_of_facts, rows
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.builders import CAUSE, an_order_created
from tests.unit.functions.output import Output
from tests.unit.functions.shop import place

pytestmark = pytest.mark.usefixtures("catalogue")

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def two_orders_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", "2")


def create(number: int, *, at: datetime = NOON, customer: str = "ada") -> bool:
    order = an_order_created(order_id=f"00000000-0000-5000-8000-{number:012}", customer_id=customer)
    return commit_creation(order, cause=CAUSE, now=at, limited=True).is_new


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
    assert row["customer_minute"] == "ada#2026-11-23T12:00Z"
    assert row["placed"] == "1"
    assert 0 < int(row["expires_at"]) - NOON.timestamp() <= 2 * 3600


@pytest.mark.parametrize(("second", "left"), [(0, 60), (1, 59), (59, 1)])
def test_time_until_the_next_minute_is_never_zero(second: int, left: int) -> None:
    assert seconds_left(NOON.replace(second=second, microsecond=999_999)) == left


def test_minute_is_in_utc_in_any_time_zone() -> None:
    elsewhere = NOON.astimezone(datetime.now().astimezone().tzinfo)
    assert within_limit("ada", elsewhere) == within_limit("ada", NOON)
