"""A repeated id or a repeated request takes effect once; another event's id is dead-lettered."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.values import Money
from functions.fraud import handler as fraud
from functions.inventory import handler as inventory
from functions.notifications import handler as notifications
from functions.orders import handler as orders
from functions.payments import handler as payments
from functions.shared.runtime.consumer import Handler
from tests.now import NOW, frozen
from tests.unit.functions import account
from tests.unit.functions.account import dead_lettered, emails, everything
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    an_inventory_reserved,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())
RESERVED = a_delivery(an_inventory_reserved())
CONSUMERS = [
    pytest.param(inventory.handle, CREATED, id="inventory"),
    pytest.param(fraud.handle, CREATED, id="fraud"),
    pytest.param(notifications.handle, CREATED, id="notifications"),
    pytest.param(payments.handle, RESERVED, id="payments"),
    pytest.param(orders.handle, a_delivery(a_checkout_completed()), id="orders"),
]


@pytest.fixture(autouse=True)
def stock(aws: None) -> None:
    account.stock(TEAPOT=10, CUP=10)


def reasons() -> list[str]:
    return [message.attributes["reason"] for message in dead_lettered()]


@pytest.mark.parametrize(("handle", "body"), CONSUMERS)
def test_e13_repeated_event_changes_nothing(handle: Handler, body: str, output: Output) -> None:
    assert handle(a_batch(body), Context()) == NO_FAILURES
    before, sent = everything(), emails()
    assert handle(a_batch(body, body, ids=["redriven", "replayed"]), Context()) == NO_FAILURES
    assert (everything(), emails(), reasons()) == (before, sent, [])
    known = sum(output.metrics().get(end, 0) for end in ("Handled", "Duplicate"))
    assert known == 3 == sum(output.metrics().values())
    # An order that fraud lets pass is no fact in the log, by which it would know the event again.
    assert output.metrics().get("Duplicate", 0) == (0 if handle is fraud.handle else 2)


@pytest.mark.parametrize(
    ("handle", "body", "other"),
    [
        (notifications.handle, CREATED, a_delivery(an_order_created(payment_method="pm_card_other"))),
        (
            payments.handle,
            RESERVED,
            a_delivery(an_inventory_reserved(total=Money(amount=1, currency="GBP"))),
        ),
    ],
    ids=["notifications", "payments"],
)
def test_e14_different_event_with_same_id_is_dead_lettered(
    handle: Handler, body: str, other: str, output: Output
) -> None:
    assert handle(a_batch(body), Context()) == NO_FAILURES
    before, sent = everything(), emails()
    assert handle(a_batch(other), Context()) == NO_FAILURES
    assert (everything(), emails(), reasons()) == (before, sent, ["id_collision"])
    assert output.metrics() == {"Handled": 1, "DeadLettered": 1, "Forged": 1}


@pytest.mark.parametrize("handle", [inventory.handle, fraud.handle], ids=["inventory", "fraud"])
def test_e14_decision_is_unchanged_when_its_id_is_reused(handle: Handler) -> None:
    assert handle(a_batch(CREATED), Context()) == NO_FAILURES
    before = everything()
    other = a_delivery(an_order_created(lines=an_order_created().lines[:1]))
    assert handle(a_batch(other), Context()) == NO_FAILURES
    assert everything() == before


def test_e14_event_is_the_same_when_data_is_reformatted() -> None:
    def turned(value: Any) -> Any:
        return dict(reversed(value.items())) if isinstance(value, dict) else value

    document = json.loads(RESERVED)
    data = turned({name: turned(value) for name, value in document["detail"]["data"].items()})
    document["detail"]["data"] = data
    assert payments.handle(a_batch(RESERVED), Context()) == NO_FAILURES
    assert payments.handle(a_batch(json.dumps(document, indent=2)), Context()) == NO_FAILURES
    assert reasons() == []


def test_e15_another_event_of_the_same_order_changes_nothing() -> None:
    checkout = a_checkout_completed()
    assert orders.handle(a_batch(a_delivery(checkout)), Context()) == NO_FAILURES
    before = everything()
    assert orders.handle(a_batch(a_delivery(checkout, id=OTHER_ORDER)), Context()) == NO_FAILURES
    assert (everything(), reasons()) == (before, [])


@pytest.mark.parametrize(("handle", "body"), CONSUMERS)
def test_e46_event_has_one_effect_when_redriven_twice(handle: Handler, body: str) -> None:
    with frozen():
        assert handle(a_batch(body), Context()) == NO_FAILURES
    before, sent = everything(), emails()
    for days in (10, 14):
        with frozen(NOW + timedelta(days=days)):
            assert handle(a_batch(body, ids=[f"redriven-{days}"]), Context()) == NO_FAILURES
    assert (everything(), emails(), reasons()) == (before, sent, [])


def test_e51_unreadable_record_is_dead_lettered_without_second_email() -> None:
    assert notifications.handle(a_batch(CREATED), Context()) == NO_FAILURES
    sent = emails()
    account.put("CONTACTS_TABLE", order_id={"S": ORDER}, email={"N": "1"})
    for count in range(1, 5):
        assert notifications.handle(a_batch(CREATED, receive_count=count), Context()) == retried("message-0")
    assert notifications.handle(a_batch(CREATED, receive_count=5), Context()) == NO_FAILURES
    assert [
        (message.attributes["reason"], message.attributes["error_class"]) for message in dead_lettered()
    ] == [("reaction_failed", "KeyError")]
    assert emails() == sent
