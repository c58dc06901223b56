"""Orders takes in what partners sell, confirms what is paid, and cancels what cannot be carried out."""

import itertools
import uuid

import msgspec
import pytest

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.values import NAMESPACE, Customer, Line, Money, PricedLine
from functions.orders import store
from functions.orders.handler import handle
from functions.orders.intake import take_in
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import facts, names_of_facts, parked, rows
from tests.unit.functions.builders import (
    ADA,
    ALL_WELL,
    CAUSE,
    CUPS,
    LONDON,
    ORDER,
    TEAPOT,
    TOTAL,
    Answer,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    a_payment_declined,
    a_payment_processed,
    a_shipment_scheduled,
    an_inventory_rejected,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output
from tests.unit.functions.trouble import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    failing,
    meanwhile,
)

pytestmark = pytest.mark.usefixtures("aws")

PAID = a_delivery(a_payment_processed())
DECLINED = a_delivery(a_payment_declined())
REJECTED = a_delivery(an_inventory_rejected())
SHIPPED = a_delivery(a_shipment_scheduled())
CHECKED_OUT = a_delivery(a_checkout_completed())
OF_THE_CHECKOUT = str(uuid.uuid5(NAMESPACE, "order|ada|basket-1"))


def deliver(*bodies: str) -> Answer:
    return handle(a_batch(*bodies), Context())


def given_an_order() -> None:
    assert take_in(an_order_created(), cause=CAUSE).is_new


def standing() -> dict[str, tuple[str, str]]:
    """Each order's status and version."""
    return {row["order_id"]: (row["status"], row["version"]) for row in rows("ORDERS_TABLE")}


def test_a_partner_s_checkout_becomes_an_order_at_the_partner_s_prices() -> None:
    assert deliver(CHECKED_OUT) == ALL_WELL
    order = OrderCreated(
        order_id=OF_THE_CHECKOUT,
        customer=ADA,
        ship_to=LONDON,
        lines=(TEAPOT, CUPS),
        total=TOTAL,
        payment_method="pm_card_visa",
    )
    assert facts() == [order]
    assert standing() == {OF_THE_CHECKOUT: ("created", "1")}
    assert store.load(OF_THE_CHECKOUT).created == order


def test_a_checkout_that_comes_again_is_one_order() -> None:
    assert deliver(CHECKED_OUT, CHECKED_OUT) == ALL_WELL
    assert deliver(CHECKED_OUT) == ALL_WELL
    assert names_of_facts() == ["OrderCreated"]
    assert standing() == {OF_THE_CHECKOUT: ("created", "1")}


def test_the_same_wish_at_other_prices_or_in_another_sequence_is_the_same_order() -> None:
    deliver(CHECKED_OUT)
    dearer = PricedLine(sku="TEAPOT", quantity=1, unit_price=9999)
    assert deliver(a_delivery(a_checkout_completed(lines=(CUPS, dearer)))) == ALL_WELL
    assert [fact.total for fact in facts() if isinstance(fact, OrderCreated)] == [TOTAL]
    assert parked() == []


@pytest.mark.parametrize(
    "change",
    [
        {"lines": (TEAPOT,)},
        {"lines": (TEAPOT, msgspec.structs.replace(CUPS, quantity=5))},
        {"ship_to": msgspec.structs.replace(LONDON, city="Leeds")},
        {"payment_method": "pm_other"},
        {"customer": Customer(id="ada", email="other@example.com")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_used_for_another_wish_is_parked_and_the_first_order_stands(change: dict[str, object]) -> None:
    deliver(CHECKED_OUT)
    assert deliver(a_delivery(a_checkout_completed(**change))) == ALL_WELL
    assert [message.attributes["reason"] for message in parked()] == ["idempotency_key_reused"]
    assert names_of_facts() == ["OrderCreated"]


def test_the_same_key_of_another_customer_is_another_order() -> None:
    grace = Customer(id="grace", email="grace@example.com")
    assert deliver(CHECKED_OUT, a_delivery(a_checkout_completed(customer=grace))) == ALL_WELL
    assert len(standing()) == 2


def test_an_article_in_two_lines_is_parked_and_nothing_is_ordered() -> None:
    assert deliver(a_delivery(a_checkout_completed(lines=(CUPS, TEAPOT, CUPS)))) == ALL_WELL
    assert [message.attributes["reason"] for message in parked()] == ["duplicate_sku"]
    assert facts() == []
    assert standing() == {}


def test_the_largest_order_there_can_be_is_taken_in() -> None:
    lines = tuple(PricedLine(sku=f"A{index}", quantity=99, unit_price=100_000_000) for index in range(99))
    assert deliver(a_delivery(a_checkout_completed(lines=lines))) == ALL_WELL
    total = Money(amount=99 * 99 * 100_000_000, currency="GBP")
    assert [fact.total for fact in facts() if isinstance(fact, OrderCreated)] == [total]


def test_a_paid_order_is_confirmed() -> None:
    given_an_order()
    assert deliver(PAID) == ALL_WELL
    lines = (Line(sku="TEAPOT", quantity=1), Line(sku="CUP", quantity=4))
    assert facts()[1:] == [an_order_confirmed(lines=lines)]
    assert standing() == {ORDER: ("confirmed", "2")}


@pytest.mark.parametrize(
    ("news", "reason"),
    [(DECLINED, "payment_declined"), (REJECTED, "out_of_stock")],
    ids=["declined", "rejected"],
)
def test_an_order_that_cannot_be_carried_out_is_cancelled(news: str, reason: str) -> None:
    given_an_order()
    assert deliver(news) == ALL_WELL
    assert facts()[1:] == [an_order_cancelled(reason=reason)]
    assert standing() == {ORDER: ("cancelled", "2")}


def test_a_shipped_order_is_noted_and_cannot_be_called_back() -> None:
    given_an_order()
    assert deliver(PAID, SHIPPED, SHIPPED, REJECTED, DECLINED, PAID) == ALL_WELL
    assert names_of_facts() == ["OrderCreated", "OrderConfirmed"]
    assert standing() == {ORDER: ("shipped", "3")}


@pytest.mark.parametrize("news", [PAID, DECLINED, REJECTED])
def test_news_that_comes_again_decides_nothing_again(news: str) -> None:
    given_an_order()
    deliver(news)
    before = facts(), standing()
    assert deliver(news, news) == ALL_WELL
    assert (facts(), standing()) == before


@pytest.mark.parametrize("arrivals", list(itertools.permutations((PAID, DECLINED, REJECTED))))
def test_an_order_is_confirmed_or_cancelled_and_never_both(arrivals: tuple[str, ...]) -> None:
    given_an_order()
    assert deliver(*arrivals) == ALL_WELL
    (decided,) = facts()[1:]
    assert isinstance(decided, OrderConfirmed) is (arrivals[0] == PAID)
    assert standing()[ORDER][1] == "2"


@pytest.mark.parametrize(("first", "second"), [(PAID, DECLINED), (DECLINED, PAID), (REJECTED, PAID)])
def test_of_two_decisions_at_once_one_is_refused_and_finds_out_next_time(first: str, second: str) -> None:
    given_an_order()
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: deliver_all_well(first)):
        assert deliver(second) == retried("message-0")
    assert deliver(second) == ALL_WELL
    (decided,) = facts()[1:]
    assert isinstance(decided, OrderConfirmed if first == PAID else OrderCancelled)


def test_a_decision_overtaken_by_more_than_one_other_is_refused_as_well() -> None:
    given_an_order()
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: deliver_all_well(PAID, SHIPPED)):
        assert deliver(DECLINED) == retried("message-0")
    assert deliver(DECLINED) == ALL_WELL
    assert standing() == {ORDER: ("shipped", "3")}


def deliver_all_well(*bodies: str) -> None:
    assert deliver(*bodies) == ALL_WELL


@pytest.mark.parametrize(
    ("news", "also"), [(PAID, "Revenue"), (DECLINED, "OrderEnded"), (REJECTED, "OrderEnded")]
)
def test_news_of_an_order_not_heard_of_yet_waits_until_it_is(news: str, also: str, output: Output) -> None:
    assert deliver(news) == retried("message-0")
    assert facts() == []
    given_an_order()
    assert deliver(news) == ALL_WELL
    assert output.metrics().keys() == {"Retried", "Handled", also}


def test_each_order_that_ends_is_counted_once_by_how_it_ended(output: Output) -> None:
    given_an_order()
    deliver_all_well(PAID, PAID, SHIPPED, SHIPPED)
    assert output.counted_by("OrderEnded", "ending") == {"shipped": 1}
    assert output.counted_by("Revenue", "currency") == {"GBP": an_order_created().total.amount}
    assert {"email", "customer", "Ada"}.isdisjoint(output.everything().split('"'))


@pytest.mark.parametrize(("news", "ending"), [(DECLINED, "payment_declined"), (REJECTED, "out_of_stock")])
def test_an_order_that_is_cancelled_is_counted_by_the_reason(news: str, ending: str, output: Output) -> None:
    given_an_order()
    deliver_all_well(news, news)
    assert output.counted_by("OrderEnded", "ending") == {ending: 1}


def test_a_shipment_of_an_order_nobody_knows_makes_no_order_of_it_and_waits_for_one() -> None:
    assert deliver(SHIPPED) == retried("message-0")
    assert standing() == {}
    given_an_order()
    assert deliver(SHIPPED) == retried("message-0")
    assert deliver(PAID, SHIPPED) == ALL_WELL
    assert standing() == {ORDER: ("shipped", "3")}


def test_a_shipment_of_a_cancelled_order_cannot_be_and_is_set_aside() -> None:
    given_an_order()
    deliver_all_well(DECLINED, SHIPPED)
    assert standing() == {ORDER: ("cancelled", "2")}
    assert [letter.attributes["reason"] for letter in parked()] == ["illegal_transition"]


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("body", [CHECKED_OUT, SHIPPED], ids=["checkout", "shipped"])
def test_a_crash_around_the_one_call_of_a_reaction_leaves_the_same_as_none(body: str, dying: Dying) -> None:
    given_an_order()
    deliver(PAID)
    with pytest.raises(Crash), dying(dynamodb()):
        deliver(body)
    assert deliver(body) == ALL_WELL
    shipped = body == SHIPPED
    assert standing()[ORDER] == (("shipped", "3") if shipped else ("confirmed", "2"))
    assert standing().get(OF_THE_CHECKOUT) == (None if shipped else ("created", "1"))


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
@pytest.mark.parametrize("call", [0, 1], ids=["read", "commit"])
@pytest.mark.parametrize("news", [PAID, DECLINED, REJECTED])
def test_a_crash_around_any_call_of_a_decision_decides_once(news: str, call: int, dying: Dying) -> None:
    given_an_order()
    with pytest.raises(Crash), dying(dynamodb(), nth=call):
        deliver(news)
    assert deliver(news) == ALL_WELL
    assert len(facts()) == 2
    assert standing()[ORDER][1] == "2"


@pytest.mark.parametrize("call", ["GetItem", "TransactWriteItems"])
def test_a_table_that_does_not_answer_is_asked_again(call: str) -> None:
    given_an_order()
    with failing(dynamodb(), call, "ThrottlingException"):
        assert deliver(PAID) == retried("message-0")
    with failing(dynamodb(), "UpdateItem", "ThrottlingException"):
        assert deliver(SHIPPED) == retried("message-0")
    assert standing() == {ORDER: ("created", "1")}


def test_what_orders_decides_is_told_with_the_event_that_caused_it() -> None:
    given_an_order()
    deliver(PAID)
    confirmed = event_log().recorded(ORDER, ("orders", "confirmation"))
    assert confirmed is not None
    assert confirmed.cause.correlation_id == CAUSE.correlation_id
    assert confirmed.cause.id == str(uuid.uuid5(NAMESPACE, f"payments|{ORDER}|payment"))
