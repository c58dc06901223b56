"""Both versions of an event travel during a rollout, and old ones are read from the log and the archive."""

import json
from datetime import timedelta

import pytest

from functions.contracts.orders import OrderCreated
from functions.contracts.values import Address
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import origin
from tests.unit.functions.builders import ADA, CUPS, TOTAL, an_order_created
from tests.workflow.replays import done
from tests.workflow.shop import ADDRESS, CONSUMERS, PREFIX, Shop, a_checkout, an_order, checkout_entry
from tests.workflow.version_faults import last_day

OLD_ORDERS = tuple(f"0b6f6a1e-5f43-5a0c-9a38-0000000000{number}" for number in (10, 11, 12))


def placed_by_the_old_version(shop: Shop, order_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the order as a function of the earlier release writes it; the relay publishes it."""
    order = an_order_created(order_id=order_id, ship_to=Address(**ADDRESS), lines=(CUPS,), total=TOTAL)
    with monkeypatch.context() as patch:
        patch.setenv("PUBLISH_VERSIONS", '{"OrderCreated": 1}')
        event = codec.event_of(order, cause=origin(order_id), time=shop.cloud.clock.now())
        document = codec.write(event)
    assert "OrderCreated:1" in document
    row = {"pk": f"{order.owner}#{order_id}", "sk": order.decision, "event": document}
    item = {name: {"S": value} for name, value in row.items()}
    shop.cloud.client("dynamodb").put_item(TableName=f"{PREFIX}-event-log", Item=item)


@pytest.fixture
def orders(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Place orders in both versions, one after the other; return their ids."""
    placed = []
    for number, old in enumerate(OLD_ORDERS):
        placed_by_the_old_version(shop, old, monkeypatch)
        placed += [old, shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), key=f"k{number}")]
        shop.cloud.advance(seconds=1)
    shop.cloud.settle()
    return placed


def versions(shop: Shop) -> list[str]:
    events = [json.loads(row["event"]) for row in shop.rows("event-log")]
    schemas = [event["dataschema"] for event in events if event["type"] == OrderCreated.__name__]
    return sorted(schema.rpartition(":")[2] for schema in schemas)


def dead_letters(shop: Shop) -> list[object]:
    return [message for name in CONSUMERS for message in shop.dead_letters(name)]


def test_orders_of_both_versions_are_shipped(shop: Shop, orders: list[str]) -> None:
    assert versions(shop) == ["1", "1", "1", "2", "2", "2"]
    assert {order["status"] for order in shop.orders()} == {"shipped"}
    assert {order["order_id"] for order in shop.orders()} == set(orders)
    assert dead_letters(shop) == []
    assert len(shop.email_subjects()) == 3 * len(orders)
    listed = shop.cloud.http("GET", "/orders", customer=ADA.id).json()["orders"]
    assert {order["order_id"] for order in listed} == set(orders)


def test_deliveries_of_the_old_version_are_counted(shop: Shop, orders: list[str]) -> None:
    printed = [json.loads(line) for line in shop.cloud.logs(f"{PREFIX}-fraud") if line.startswith("{")]
    counted = [line for line in printed if "OlderVersion" in line]
    assert orders
    assert [(line["event"], line["version"]) for line in counted[-3:]] == [("OrderCreated", "1")] * 3


def test_old_orders_are_replayed_from_the_log(shop: Shop, orders: list[str]) -> None:
    rows = shop.rows("listings")
    for row in rows:
        key = {name: {"S": row[name]} for name in ("customer_id", "position")}
        shop.cloud.client("dynamodb").delete_item(TableName=f"{PREFIX}-listings", Key=key)
    done("replay", "--into", "views")
    shop.cloud.settle()
    assert sorted(shop.rows("listings"), key=str) == sorted(rows, key=str)
    assert len(rows) == len(orders)
    assert dead_letters(shop) == []


def test_old_orders_are_replayed_from_the_archive(shop: Shop, orders: list[str]) -> None:
    events, now = shop.cloud.client("events"), shop.cloud.clock.now()
    archive = events.describe_archive(ArchiveName=f"{PREFIX}-order-archive")["ArchiveArn"]
    bus = events.describe_event_bus(Name=f"{PREFIX}-order-bus")["Arn"]
    before = len(shop.cloud.deliveries)
    events.start_replay(
        ReplayName=f"{PREFIX}-fraud-again",
        EventSourceArn=archive,
        EventStartTime=now - timedelta(days=1),
        EventEndTime=now + timedelta(days=1),
        Destination={"Arn": bus},
    )
    shop.cloud.settle()
    assert len(shop.cloud.deliveries) > before
    assert len(orders) == 6
    assert dead_letters(shop) == []


def test_old_order_can_be_cancelled_and_asked_for_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (old, *_) = OLD_ORDERS
    placed_by_the_old_version(shop, old, monkeypatch)
    shown = shop.cloud.http("GET", f"/orders/{old}", customer=ADA.id)
    assert (shown.status, shown.json()["status"]) == (200, "created")
    assert shop.cloud.http("POST", f"/orders/{old}/cancellation", customer=ADA.id).status == 200


def ended(shop: Shop) -> int:
    """Return how many messages are dead-lettered, all because their version ended."""
    found = shop.dead_letters("orders")
    shop.cloud.advance(minutes=1)  # until they are visible again
    assert {each["MessageAttributes"]["reason"]["StringValue"] for each in found} == {"version_ended"}
    assert {each["MessageAttributes"]["detail"]["StringValue"][-10:] for each in found} == {"publish v2"}
    return len(found)


def test_partner_may_use_older_version_until_last_day(shop: Shop) -> None:
    """The event's own day decides, so an event that was rejected stays so until the day is extended."""
    now = shop.cloud.clock.now()
    for number, version in enumerate((1, 2)):
        cart = a_checkout(key=f"cart-{number}", customer=f"customer-{number}")
        shop.cloud.put_events([checkout_entry(cart, version=version, time=now)])
    shop.cloud.settle()
    with last_day(shop, (now - timedelta(days=1)).date()):
        shop.cloud.put_events(
            [
                checkout_entry(a_checkout(key="too-late"), version=1, time=now),
                checkout_entry(a_checkout(key="in-time"), version=1, time=now - timedelta(days=1)),
                checkout_entry(a_checkout(key="newer"), time=now),
            ]
        )
        shop.cloud.settle()
        assert ended(shop) == 1
        done("dlq", "redrive", "--reason", "version_ended")
        shop.cloud.settle()
        assert ended(shop) == 1
        assert len(shop.orders()) == 4
    done("dlq", "redrive", "--reason", "version_ended")
    shop.cloud.settle()
    assert [order["status"] for order in shop.orders()] == ["shipped"] * 5
    assert dead_letters(shop) == []
