"""The read model of a deployed stage: lists of orders, daily sales, and rebuilding both."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from cli.core.backoff import attempts
from cli.read_model import rebuild as rebuild_module
from cli.read_model.rebuild import RebuildProgress, rebuild
from cli.read_model.sales import sales_on
from infrastructure.names import Names
from pocketcloud import AwsCall
from tests.workflow.call_faults import CrashAfter, Proceed, call_fault, published_twice
from tests.workflow.invariants import violations
from tests.workflow.read_model import read_model, some_orders
from tests.workflow.shop import PREFIX, Shop, an_order

DEV = Names("dev")


def listed(shop: Shop, *, customer: str = "ada", query: str = "") -> dict[str, Any]:
    reply = shop.cloud.http("GET", f"/orders{query}", customer=customer)
    assert reply.status == 200, reply.body
    document: dict[str, Any] = reply.json()
    return document


def rebuild_views(shop: Shop) -> RebuildProgress:
    return rebuild(shop.cloud.client("dynamodb"), DEV, lambda _: None)


def test_customer_pages_through_orders_with_their_status(shop: Shop) -> None:
    first, declined, _, last = some_orders(shop)
    newest = listed(shop, query="?limit=2")
    oldest = listed(shop, query=f"?limit=2&cursor={newest['next_cursor']}")
    seen = [*newest["orders"], *oldest["orders"]]
    assert [(each["order_id"], each["status"], each["payment"]) for each in seen] == [
        (last, "shipped", "paid"),
        (declined, "cancelled", "declined"),
        (first, "shipped", "paid"),
    ]
    assert "next_cursor" not in oldest
    assert violations(shop) == []


def test_list_has_no_orders_of_other_customers(shop: Shop) -> None:
    _, _, hers, _ = some_orders(shop)
    adas = listed(shop, query="?limit=1")
    assert [each["order_id"] for each in listed(shop, customer="eve")["orders"]] == [hers]
    stolen = listed(shop, customer="eve", query=f"?cursor={adas['next_cursor']}")
    assert {each["order_id"] for each in stolen["orders"]} <= {hers}
    assert shop.cloud.http("GET", "/orders", customer=None).status == 401


def test_list_agrees_with_the_order(shop: Shop) -> None:
    some_orders(shop)
    for each in listed(shop)["orders"]:
        view = shop.cloud.http("GET", f"/orders/{each['order_id']}", customer="ada").json()
        same = ("order_id", "status", "lines", "total")
        assert {name: each[name] for name in same} == {name: view[name] for name in same}
        assert each.get("tracking_number") == view.get("tracking_number")
        assert each.get("cancellation_reason") == view.get("cancellation_reason")


def test_sales_are_what_was_shipped_that_day(shop: Shop) -> None:
    some_orders(shop)
    day = shop.cloud.clock.now().date().isoformat()
    sold = sales_on(shop.cloud.client("dynamodb"), DEV, day)
    assert [(each.sku, each.units, each.revenue, each.currency) for each in sold] == [
        ("CUP", 6, 3900, "GBP"),
        ("TEAPOT", 3, 7497, "GBP"),
    ]
    assert sales_on(shop.cloud.client("dynamodb"), DEV, "2020-01-01") == []


def test_read_model_is_the_same_when_events_repeat(shop: Shop) -> None:
    with call_fault(shop.cloud, published_twice):
        shop.place(an_order())
        shop.cloud.settle()
    twice = read_model(shop)
    rebuild_views(shop)
    assert read_model(shop) == twice
    assert len(twice["sales"]) == 1


def test_rebuild_from_nothing_gives_the_same_rows(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    facts = len(shop.rows("event-log"))
    done = rebuild_views(shop)
    assert read_model(shop) == before
    assert done.removed == done.projected == sum(map(len, before.values()))
    assert (done.read, done.unreadable) == (facts, [])


def test_rebuild_fixes_lost_corrupted_and_invented_rows(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    database = shop.cloud.client("dynamodb")
    lost = {name: {"S": value} for name, value in before["sales"][0].items()}
    database.delete_item(TableName=f"{PREFIX}-sales", Key=lost)
    database.put_item(TableName=f"{PREFIX}-sales", Item={**lost, "day": {"S": "2020-01-01"}})
    made_up = {"customer_id": {"S": "ada"}, "position": {"S": "2026-11-23T10:00:00.000000Z#never-placed"}}
    database.put_item(TableName=f"{PREFIX}-listings", Item=made_up)
    rebuild_views(shop)
    assert read_model(shop) == before


@pytest.mark.parametrize("page", range(1, 4))
def test_rebuild_is_complete_when_events_arrive_meanwhile(shop: Shop, page: int) -> None:
    some_orders(shop)
    reports = 0

    def meanwhile(_: RebuildProgress) -> None:
        nonlocal reports
        reports += 1
        if reports == page:
            shop.place(an_order(), key="late")
            shop.cloud.settle()

    done = rebuild(shop.cloud.client("dynamodb"), DEV, meanwhile)
    assert reports >= page
    lively = read_model(shop)
    assert done.removed > 0
    rebuild_views(shop)
    assert read_model(shop) == lively
    assert len(lively["listings"]) == 5


def test_rebuild_pauses_only_when_rows_are_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(rebuild_module, "attempts", partial(attempts, pauses.append))
    some_orders(shop)
    before = read_model(shop)
    rebuild_views(shop)
    assert pauses == []
    database = shop.cloud.client("dynamodb")
    write = database.batch_write_item
    busy = iter([True])

    def busy_once(**request: Any) -> Any:
        return {"UnprocessedItems": request["RequestItems"]} if next(busy, False) else write(**request)

    monkeypatch.setattr(database, "batch_write_item", busy_once)
    rebuild(database, DEV, lambda _: None)
    assert pauses == [0.2]
    assert read_model(shop) == before


def test_replay_to_views_fills_the_read_model(shop: Shop) -> None:
    some_orders(shop)
    before = read_model(shop)
    database = shop.cloud.client("dynamodb")
    for row in shop.rows("listings"):
        database.delete_item(
            TableName=f"{PREFIX}-listings", Key={name: {"S": value} for name, value in row.items()}
        )
    events, now = shop.cloud.client("events"), shop.cloud.clock.now()
    bus = events.describe_event_bus(Name=DEV.event_bus)["Arn"]
    archive = events.describe_archive(ArchiveName=DEV.event_archive)["ArchiveArn"]
    events.start_replay(
        ReplayName=f"{DEV.replays('views')}again",
        EventSourceArn=archive,
        EventStartTime=now - timedelta(days=1),
        EventEndTime=now + timedelta(days=1),
        Destination={"Arn": bus},
    )
    shop.cloud.settle()
    assert read_model(shop) == before


def calls_of_views(shop: Shop) -> int:
    """Return the number of calls that views makes for one order."""
    made: list[str] = []

    def count(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-views":
            made.append(call.operation)
        return proceed()

    with call_fault(shop.cloud, count):
        shop.place(an_order())
        shop.cloud.settle()
    return len(made)


class CrashOfViews(CrashAfter):
    """Kills views alone."""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        return super().__call__(call, proceed) if call.function == f"{PREFIX}-views" else proceed()


def test_views_recovers_when_killed_after_any_call(shop: Shop) -> None:
    calls = calls_of_views(shop)
    assert calls == 1  # one request lists the order and sells it
    for nth in range(1, calls + 1):
        shop.cloud.reset()
        shop.open()
        crash = CrashOfViews(nth)
        with call_fault(shop.cloud, crash):
            shop.place(an_order())
            shop.cloud.settle()
        assert crash.where != "nowhere"
        survived = read_model(shop)
        rebuild_views(shop)
        assert read_model(shop) == survived
        assert violations(shop) == []
