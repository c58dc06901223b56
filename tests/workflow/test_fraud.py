"""A suspicious order is called back while it can be; whatever fraud does, nobody else needs to know of it."""

import json
from datetime import timedelta
from typing import Any

from functions.fraud.rules import RULES
from pocketcloud import AwsCall
from tests.workflow.judge import SHIPPED, complaints
from tests.workflow.shop import ADDRESS, PREFIX, Shop, an_order
from tests.workflow.troubles import CrashAfter, Proceed, published_twice, trouble

RISKY = an_order(ship_to={**ADDRESS, "country": min(RULES.risky_countries)})


def suspicions(shop: Shop) -> dict[str, list[str]]:
    """The reasons of each suspicion, by order."""
    events = [json.loads(row["event"]) for row in shop.rows("event-log") if row["pk"].startswith("fraud#")]
    return {event["subject"]: event["data"]["reasons"] for event in events}


def counted(shop: Shop) -> int:
    return sum(int(row["orders"]) for row in shop.rows("customers") if "orders" in row)


def said_too_late(shop: Shop) -> int:
    """How often orders has counted that it could not call an order back; logs outlive a reset."""
    lines = shop.cloud.logs(f"{PREFIX}-orders")
    return sum("FraudSuspectedTooLate" in json.loads(line) for line in lines if line.startswith("{"))


def present_violations(shop: Shop, order_id: str, *, said_before: int = 0) -> list[str]:
    """What is wrong with a suspicious order, which is called back or said to have been shipped already."""
    found = complaints(shop)
    (row,) = shop.rows("orders")
    reasons = [
        json.loads(event["event"])["data"]["reason"]
        for event in shop.rows("event-log")
        if event["sk"] == "cancellation" and event["pk"].endswith(order_id)
    ]
    if reasons != (["fraud_suspected"] if row["status"] == "cancelled" else []):
        found.append(f"{row['status']} for {reasons}")
    if counted(shop) != 1 or suspicions(shop) != {order_id: ["risky_country"]}:
        found.append(f"counted {counted(shop)} times, suspected as {suspicions(shop)}")
    if row["status"] == "shipped" and said_too_late(shop) == said_before:
        found.append("shipped all the same, and nobody said so")
    return found


def ends_cancelled(shop: Shop, order_id: str) -> bool:
    assert present_violations(shop, order_id) == []
    return [row["status"] for row in shop.rows("orders")] == ["cancelled"]


class Slow:
    """Fraud is so slow that all others are done before it says anything: its table does not answer."""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-fraud":
            raise TimeoutError
        return proceed()


def test_an_order_like_any_other_is_judged_and_shipped(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    assert shop.facts(order_id) == SHIPPED
    assert [row["verdict"] for row in shop.rows("judgements")] == ["cleared"]
    assert complaints(shop) == []


def test_a_suspicious_order_is_cancelled_and_nothing_of_it_remains(shop: Shop) -> None:
    order_id = shop.place(RISKY)
    shop.cloud.settle()
    assert ends_cancelled(shop, order_id)
    assert f"Your order {order_id} is cancelled" in shop.letters()


def test_one_order_too_many_of_a_customer_is_cancelled_and_the_others_are_shipped(shop: Shop) -> None:
    most = RULES.orders_in_an_hour
    one_cup = an_order(lines=[{"sku": "CUP", "quantity": 1}])
    shop.open({"CUP": most + 1})
    for number in range(most + 1):
        shop.place(one_cup, key=f"k{number}")
    shop.cloud.settle()
    assert list(suspicions(shop).values()) == [["too_many_orders"]]
    assert sorted(row["status"] for row in shop.rows("orders")) == ["cancelled", *["shipped"] * most]
    assert counted(shop) == most + 1
    assert complaints(shop, stock={"TEAPOT": 5, "CUP": most + 1}) == []


def test_every_event_twice_judges_once_and_counts_once(shop: Shop) -> None:
    with trouble(shop.cloud, published_twice):
        order_id = shop.place(RISKY)
        shop.cloud.settle()
    assert ends_cancelled(shop, order_id)


def test_a_suspicion_that_comes_after_the_parcel_has_left_is_said_and_changes_nothing(shop: Shop) -> None:
    shop.cloud.retry_after = timedelta(hours=1)
    said_before = said_too_late(shop)
    with trouble(shop.cloud, Slow()):
        order_id = shop.place(RISKY)
        shop.cloud.advance(minutes=30)
    assert shop.facts(order_id) == SHIPPED
    shop.cloud.settle()
    assert shop.facts(order_id) == [*SHIPPED, "FraudSuspected"]
    (row,) = shop.rows("orders")
    assert row["status"] == "shipped"
    assert [row["verdict"] for row in shop.rows("judgements")] == ["suspected"]
    assert said_too_late(shop) == said_before + 1
    assert complaints(shop) == []


def test_a_crash_after_any_call_of_a_suspicious_order_ends_well(shop: Shop) -> None:
    """What was cut off comes again when all else is done; promptly, in `tests/simulation`."""
    with trouble(shop.cloud, listening := CrashAfter(0)):
        shop.place(RISKY)
        shop.cloud.settle()
    spoilt = {}
    for nth in range(1, len(listening.made) + 1):
        shop.cloud.reset()
        shop.open()
        said_before = said_too_late(shop)
        with trouble(shop.cloud, crash := CrashAfter(nth)):
            reply = shop.post(RISKY)
            order_id = str(reply.json()["order_id"]) if reply.status == 202 else shop.place(RISKY)
            shop.cloud.settle()
        shop.cloud.advance(minutes=8)  # a charge that was cut off is found out by reconciliation
        if wrong := present_violations(shop, order_id, said_before=said_before):
            spoilt[f"{nth}: {crash.where}"] = wrong
    assert spoilt == {}


def test_an_order_that_comes_again_days_later_changes_nothing(shop: Shop) -> None:
    published: list[dict[str, Any]] = []

    def keep(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            published.extend(
                entry for entry in call.parameters["Entries"] if entry["DetailType"] == "OrderCreated"
            )
        return proceed()

    with trouble(shop.cloud, keep):
        shop.place(RISKY, key="k1")
        shop.place(an_order(), key="k2")
        shop.cloud.settle()
    assert len(published) == 2
    before = (shop.rows("judgements"), shop.rows("customers"), shop.rows("event-log"))
    shop.cloud.advance(days=2)
    shop.cloud.put_events(published)
    shop.cloud.settle()
    assert (shop.rows("judgements"), shop.rows("customers"), shop.rows("event-log")) == before
    assert complaints(shop) == []
