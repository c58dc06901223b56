"""Names that one party chose never stand for another party's: keys, customers, replenishments, event ids."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contracts.inventory import StockAdded
from functions.contracts.orders import OrderCreated
from functions.contracts.storefront import CheckoutCompleted
from functions.fraud.handler import handle as judge
from functions.inventory.handler import handle as stock
from functions.orders.handler import handle as order
from functions.shared.contracts.party import CustomerId, customer_of
from functions.shared.event_store.powertools_layer import powertools_layer
from functions.shared.runtime.consumer import consumer
from functions.shared.runtime.received import Arrival, check_message
from functions.shared.runtime.subject import customer_named
from tests.now import NOW
from tests.unit.functions.account import available_stock, dead_lettered, events, facts, rows
from tests.unit.functions.builders import (
    ADA,
    NO_FAILURES,
    ORDER,
    TEAPOT,
    Context,
    a_batch,
    a_bus_event,
    a_checkout_completed,
    a_delivery,
    a_document,
    a_stock_replenished,
    an_order_created,
)
from tests.unit.functions.shop import look, place

pytestmark = pytest.mark.usefixtures("catalogue")

OURS, ONE, OTHER = "123456789012", "111122223333", "444455556666"
ARRIVAL = Arrival(at=NOW, account=OURS, region="eu-west-1")


def published(account: str, fact: Any, **changes: Any) -> str:
    """The queue message of a partner's event that this account put on the ingress bus."""
    return json.dumps(a_bus_event(a_document(fact, **changes), account=account))


def checkouts(*accounts: str, **changes: Any) -> None:
    bodies = [published(account, a_checkout_completed(**changes)) for account in accounts]
    assert order(a_batch(*bodies), Context()) == NO_FAILURES


def orders() -> list[OrderCreated]:
    return [fact for fact in facts() if isinstance(fact, OrderCreated)]


def reasons() -> list[str]:
    return [message.attributes["reason"] for message in dead_lettered()]


def test_replenishments_are_all_added_when_warehouses_share_an_id() -> None:
    bodies = [published(account, a_stock_replenished()) for account in (OURS, ONE, OTHER, ONE, OTHER)]
    assert stock(a_batch(*bodies), Context()) == NO_FAILURES
    assert available_stock() == {"TEAPOT": 3 * 500, "CUP": 3 * 2000}
    added = {fact.replenishment_id for fact in facts() if isinstance(fact, StockAdded)}
    assert added == {"delivery-1", f"{ONE}:warehouse:delivery-1", f"{OTHER}:warehouse:delivery-1"}
    assert {event.subject for event in events()} == added
    assert reasons() == []


def test_replenishment_raises_no_alarm_when_another_warehouse_differs() -> None:
    half = a_stock_replenished(lines=a_stock_replenished().lines[:1])
    bodies = [published(ONE, a_stock_replenished()), published(OTHER, half)]
    assert stock(a_batch(*bodies), Context()) == NO_FAILURES
    assert (available_stock()["TEAPOT"], reasons()) == (1000, [])


def test_replenishment_is_rejected_when_its_own_warehouse_differs() -> None:
    half = a_stock_replenished(lines=a_stock_replenished().lines[:1])
    bodies = [published(ONE, a_stock_replenished()), published(ONE, half)]
    assert stock(a_batch(*bodies), Context()) == NO_FAILURES
    assert (available_stock()["TEAPOT"], reasons()) == (500, ["id_collision"])


def test_longest_replenishment_id_fits_when_scoped() -> None:
    body = published(ONE, a_stock_replenished(replenishment_id="x" * 64))
    assert stock(a_batch(body), Context()) == NO_FAILURES
    assert available_stock()["TEAPOT"] == 500


def test_checkouts_are_separate_orders_when_storefronts_share_a_key() -> None:
    checkouts(OURS, ONE, OTHER, ONE, OTHER)
    assert [fact.customer_id for fact in orders()] == [
        "ada",
        f"{ONE}:storefront:ada",
        f"{OTHER}:storefront:ada",
    ]
    assert len({fact.order_id for fact in orders()}) == 3
    assert reasons() == []


def test_checkout_raises_no_rejection_when_another_storefront_differs() -> None:
    other = a_checkout_completed(payment_method="pm_other")
    assert (
        order(a_batch(published(ONE, a_checkout_completed()), published(OTHER, other)), Context())
        == NO_FAILURES
    )
    assert (len(orders()), reasons()) == (2, [])


def test_checkout_is_rejected_when_its_own_storefront_differs() -> None:
    other = a_checkout_completed(payment_method="pm_other")
    assert (
        order(a_batch(published(ONE, a_checkout_completed()), published(ONE, other)), Context())
        == NO_FAILURES
    )
    assert (len(orders()), reasons()) == (1, ["idempotency_key_reused"])


def test_key_means_one_order_at_both_entry_points() -> None:
    checkouts(OURS)
    reply = place(key="basket-1")
    assert (reply.status, reply.headers["idempotent-replayed"]) == (202, "true")
    assert len(orders()) == 1


def test_key_means_another_order_when_a_partner_used_it() -> None:
    checkouts(ONE)
    reply = place(key="basket-1", payment_method="pm_other")
    assert (reply.status, "idempotent-replayed" in reply.headers) == (202, False)
    assert len(orders()) == 2


def test_partner_order_is_not_found_by_our_customer() -> None:
    checkouts(ONE)
    (fact,) = orders()
    assert look(fact.order_id, customer="ada").code == "order_not_found"
    assert look(fact.order_id, customer=f"{ONE}:storefront:ada").code == "order_not_found"


def test_fraud_counts_customers_of_each_storefront_alone() -> None:
    created = [
        an_order_created(order_id=f"{ORDER[:-1]}{n}", customer=customer)
        for n, customer in enumerate(
            [ADA, msgspec.structs.replace(ADA, id=customer_of(f"{ONE}:storefront", "ada"))]
        )
    ]
    assert judge(a_batch(*map(a_delivery, created)), Context()) == NO_FAILURES
    counted = {row["customer_id"]: len(row["orders"]) for row in rows("CUSTOMERS_TABLE")}
    assert counted == {"ada": 1, f"{ONE}:storefront:ada": 1}


@pytest.mark.parametrize("customer_id", [f"{ONE}:storefront:ada", f"{ONE}:"])
def test_own_customer_is_derived_when_like_a_partner(customer_id: str) -> None:
    assert customer_named(customer_id).startswith("sub-")
    assert customer_of("", customer_id) == customer_named(customer_id)


def test_customer_of_a_partner_is_derived_when_too_long() -> None:
    scoped = [customer_of(f"{ONE}:storefront", "x" * length) for length in (104, 105, 128)]
    assert [len(each) for each in scoped] == [128, 92, 92]
    assert len({*scoped, customer_of(f"{ONE}:storefront", scoped[1].rpartition(":")[2])}) == 4


PARTIES = st.sampled_from(["", f"{ONE}:storefront", f"{OTHER}:storefront"])
IDS = st.from_regex(r"\A(ada|x{100,128}|[0-9]{12}:storefront:ada|[A-Za-z0-9._:@-]{1,128})\Z")


@given(PARTIES, IDS, PARTIES, IDS)
def test_customer_is_one_exactly_when_party_and_id_are(one: str, name: str, other: str, another: str) -> None:
    first, second = customer_of(one, name), customer_of(other, another)
    assert (first == second) == ((one, name) == (other, another))
    assert msgspec.convert(first, CustomerId) == first


def identity(account: str, fact: Any) -> str:
    return check_message(published(account, fact), ARRIVAL).event.identity


def test_event_id_belongs_to_its_party_when_from_outside() -> None:
    ours, ones, others = (identity(account, a_checkout_completed()) for account in (OURS, ONE, OTHER))
    assert ours == a_document(a_checkout_completed())["id"]
    assert (ones, others) == (f"{ONE}:storefront:{ours}", f"{OTHER}:storefront:{ours}")
    assert identity(ONE, a_stock_replenished()) == f"{ONE}:warehouse:{ours}"


def test_event_is_handled_per_party_when_ids_are_equal() -> None:
    handled: list[str] = []
    handle = consumer(
        "notifications",
        {CheckoutCompleted: lambda event: handled.append(event.identity)},
        store=powertools_layer,
    )
    bodies = [published(ONE, a_checkout_completed()), published(OTHER, a_checkout_completed(lines=(TEAPOT,)))]
    assert handle(a_batch(*bodies, *bodies), Context()) == NO_FAILURES
    assert [name.partition(":")[0] for name in handled] == [ONE, OTHER]
    assert reasons() == []


def test_event_is_rejected_when_its_bus_names_no_account() -> None:
    assert order(a_batch(published("", a_checkout_completed())), Context()) == NO_FAILURES
    assert (facts(), reasons()) == ([], ["origin_unauthorised"])
