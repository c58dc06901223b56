"""Invariants that hold for every order after any fault."""

from collections.abc import Iterator

from infrastructure.names import kebab
from infrastructure.topology import FACTS
from tests.workflow.shop import CONSUMERS, PREFIX, STOCK, Shop

SHIPPED = ["OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled"]
UNSUBSCRIBED = {f"topic/{PREFIX}-{kebab(fact.name)}" for fact in FACTS if fact.no_consumer_because}
"""The topics of the facts that are for other applications."""


def violations(shop: Shop, *, stock: dict[str, int] | None = None) -> list[str]:
    """Return every violated invariant."""
    return [
        *_terminal(shop),
        *_money(shop),
        *_stock(shop, stock or STOCK),
        *_shipments(shop),
        *_compensations(shop),
        *_deadlines(shop),
        *_attempts(shop),
        *_nothing_left(shop),
    ]


def _orders(shop: Shop) -> list[tuple[str, str]]:
    return [(row["order_id"], row["status"]) for row in shop.orders()]


def _terminal(shop: Shop) -> Iterator[str]:
    """Every order is final, and its row agrees with its facts."""
    for order_id, status in _orders(shop):
        facts = shop.facts(order_id)
        expected = (
            "shipped"
            if "ShipmentScheduled" in facts
            else "cancelled"
            if "OrderCancelled" in facts
            else "open"
        )
        if expected == "open" or status != expected:
            yield f"order {order_id} is {status} and its facts say {expected}: {facts}"
        if {"ShipmentScheduled", "OrderCancelled"} <= set(facts):
            yield f"order {order_id} was shipped and cancelled: {facts}"
        if expected == "shipped" and [fact for fact in facts if fact != "FraudSuspected"] != SHIPPED:
            yield f"order {order_id} was shipped after {facts}"


def _disputed(shop: Shop) -> set[str]:
    """Return disputed orders: charged and never refunded."""
    return {row["order_id"] for row in shop.rows("attempts") if row["status"] == "disputed"}


def _money(shop: Shop) -> Iterator[str]:
    """A shipped order is paid once; a cancelled one costs nothing."""
    disputed = _disputed(shop)
    charges = shop.charges()
    for order_id, status in _orders(shop):
        taken, returned = charges[f"charge {order_id}"], charges[f"refund {order_id}"]
        kept = status == "shipped" or order_id in disputed
        if (taken - returned, taken) != ((1, 1) if kept else (0, returned)):
            yield f"{status} order {order_id} has {taken} captures and {returned} refunds"


def _stock(shop: Shop, stock: dict[str, int]) -> Iterator[str]:
    """The stock that is gone is in the parcels of shipped orders."""
    expected = dict(stock)
    for order_id, status in _orders(shop):
        if status == "shipped":
            for line in shop.events(order_id)[0]["data"]["lines"]:
                expected[line["sku"]] -= line["quantity"]
    if shop.available() != expected:
        yield f"for sale are {shop.available()}, should be {expected}"


def _shipments(shop: Shop) -> Iterator[str]:
    """Shipped orders have a parcel each, and no other order has one."""
    parcels = {row["pk"].partition("#")[2] for row in shop.rows("event-log") if row["sk"] == "shipment"}
    shipped = {order_id for order_id, status in _orders(shop) if status == "shipped"}
    if parcels != shipped:
        yield f"parcels for {parcels ^ shipped} do not match the orders"


def _compensations(shop: Shop) -> Iterator[str]:
    """A cancelled order is fully compensated; no other order is."""
    disputed = _disputed(shop)
    for order_id, status in _orders(shop):
        facts = {event["type"]: event["data"] for event in shop.events(order_id)}
        reserved, released = facts.get("InventoryReserved"), facts.get("InventoryReleased")
        paid, refunded = facts.get("PaymentProcessed"), facts.get("PaymentRefunded")
        if status != "cancelled" and (released or refunded):
            yield f"{status} order {order_id} is undone: {released}, {refunded}"
        if status == "cancelled" and reserved and (released or {}).get("lines") != reserved["lines"]:
            yield f"cancelled order {order_id} has {reserved['lines']} reserved and {released} released"
        owed = paid["amount"] if status == "cancelled" and paid and paid["amount"]["amount"] else None
        if owed and order_id not in disputed and (refunded or {}).get("amount") != owed:
            yield f"cancelled order {order_id} has {owed} captured and {refunded} refunded"


def _deadlines(shop: Shop) -> Iterator[str]:
    """Every open order waits for its deadline, and none waits twice."""
    waiting = shop.waiting()
    for order_id, status in _orders(shop):
        if waiting.count(order_id) > 1 or (order_id not in waiting and status in {"created", "confirmed"}):
            yield f"{status} order {order_id} waits {waiting.count(order_id)} times for its deadline"


def _attempts(shop: Shop) -> Iterator[str]:
    """No payment is left without an outcome, and no refund owed."""
    for row in shop.rows("attempts"):
        undecided = row["status"] in {"started", "unknown"}
        decided = {"PaymentProcessed", "PaymentDeclined"} & set(shop.facts(row["order_id"]))
        if "open_in" in row or (undecided and not decided):
            yield f"the payment of {row['order_id']} is {row['status']} and open"


def _nothing_left(shop: Shop) -> Iterator[str]:
    """No dead-lettered message, undelivered event or unfinished reaction is left."""
    for service in CONSUMERS:
        for message in shop.dead_letters(service):
            reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
            yield f"a dead-lettered message of {service}: {reason}"
    for lost in shop.cloud.undelivered:
        if lost.where not in UNSUBSCRIBED:
            yield f"undelivered at {lost.where}: {lost.reason}"
