"""No log line or metric has customer data or event data, even during faults."""

import json
from collections.abc import Iterator

from infrastructure import topology
from pocketcloud import OfflineCloud
from tests.workflow.call_faults import SilentGateway, call_fault
from tests.workflow.function_faults import delivered, failing, send, suspected_too_late
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry

IDS = {"event_id", "order_id", "correlation_id", "trace_id"}
OF_NO_EVENT = {"refused", "unavailable", "not published"}
"""Lines about a request that is none of an order yet, and about a batch."""
CUSTOMER = "canary-customer"
CANARIES = {
    "email": "canary@example.com",
    "name": "Canary Winterbottom",
    "street": "1 Canary Wharf",
    "city": "Canaryville",
    "postal_code": "E14 5CA",
}


def lines(cloud: OfflineCloud) -> Iterator[str]:
    functions = cloud.client("lambda").list_functions()["Functions"]
    for function in functions:
        yield from cloud.logs(function["FunctionName"])


def go_wrong(shop: Shop) -> None:
    """Place orders that ship, orders with every kind of fault, and a partner's order."""
    address = {name: CANARIES[name] for name in ("name", "street", "city", "postal_code")}
    order = an_order(email=CANARIES["email"], ship_to={**address, "country": "GB"})
    placed = shop.place(order, customer=CUSTOMER)
    shop.cloud.settle()
    for service in topology.SERVICES:
        fact = next(each for each in shop.events(placed) if each["type"] in service.reacts_to)
        created = delivered(shop.events(placed)[0])  # not for everybody
        for body in (
            created,
            delivered(fact),
            delivered({**fact, "data": {**fact["data"], "order_id": "x"}}),
        ):
            send(shop, service.name, body)
        send(shop, service.name, f"{CANARIES['email']} is not JSON")
        shop.cloud.settle()
        with call_fault(shop.cloud, failing(service.name)):
            send(shop, service.name, delivered(fact))
            shop.cloud.settle()
    suspected_too_late(shop, "orders")
    shop.cloud.put_events([checkout_entry(a_checkout(customer=CUSTOMER, email=CANARIES["email"]))])
    with call_fault(shop.cloud, SilentGateway("lost")):
        shop.place(order, key="unknown", customer=CUSTOMER)
        shop.cloud.advance(minutes=3)
    for function in ("orders-deadlines", "payments-reconciliation", "relay", "orders-api"):
        with call_fault(shop.cloud, failing(function)):
            shop.post(order, key=function, customer=CUSTOMER)
            shop.cloud.advance(minutes=2)
    shop.post({**order, "lines": []}, key="refused", customer=CUSTOMER)
    shop.cloud.advance(minutes=20)


def test_no_line_has_customer_data_or_event_data(shop: Shop) -> None:
    go_wrong(shop)
    written = list(lines(shop.cloud))
    assert len(written) > 300
    for line in written:
        for secret in (*CANARIES.values(), CUSTOMER, "pm_card", "ship_to", '"data"', "detail-type"):
            assert secret not in line, line


def test_each_event_line_names_event_order_correlation_and_trace(shop: Shop) -> None:
    go_wrong(shop)
    messages = set()
    for line in lines(shop.cloud):
        document = json.loads(line) if line.startswith("{") else {}
        message = document.get("message")
        if "level" in document and isinstance(message, str) and message not in OF_NO_EVENT:
            messages.add(message)
            assert document.keys() >= IDS, document
    assert messages >= {
        "handled",
        "duplicate",
        "retried",
        "dead-lettered",
        "published",
        "payment unknown",
    }
    assert messages >= {"fraud suspected too late"}
