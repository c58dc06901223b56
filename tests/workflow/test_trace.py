"""One trace through every component, and `orderbus trace`, which prints it."""

import json
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault, crashing
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import SOON
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

CORRUPTED = {"event": {"S": "{}"}}
DECLINED = "pm_card_chargeDeclined"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
REACHED = ("relay", "orders", "inventory", "payments", "shipping", "notifications", "fraud", "views")


def trace_of(number: int) -> str:
    return f"{number:032x}"


def place(shop: Shop, number: int) -> str:
    """Place an order with a trace of the client."""
    headers = {"Idempotency-Key": f"k{number}", "traceparent": f"00-{trace_of(number)}-{number:016x}-01"}
    reply = shop.cloud.http("POST", "/orders", json=an_order(), headers=headers, customer="ada")
    assert reply.status == 202, reply.body
    return str(reply.json()["order_id"])


def lines(shop: Shop, function: str, order_id: str) -> list[dict[str, Any]]:
    """Return the log entries of the function about the order."""
    logged = [json.loads(line) for line in shop.cloud.logs(f"{PREFIX}-{function}") if order_id in line]
    return [line for line in logged if line.get("order_id") == order_id]


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("trace", *arguments)


def trace(order_id: str, *options: str) -> dict[str, Any]:
    code, out, err = command(order_id, "--json", *options)
    assert (code, err) == (ExitCode.OK, "")
    document: dict[str, Any] = json.loads(out)
    return document


def replace_fact(shop: Shop, pk: str, event: dict[str, Any]) -> None:
    """Replace each fact with this key."""
    database = shop.cloud.client("dynamodb")
    for row in shop.rows("event-log"):
        if row["pk"] == pk:
            key = {name: {"S": row[name]} for name in ("pk", "sk")}
            database.put_item(TableName=f"{PREFIX}-event-log", Item={**key, **event})


def is_corrupted(row: dict[str, str]) -> bool:
    return row.get("event", "{}") == "{}"


def test_each_order_of_a_batch_keeps_its_trace(shop: Shop) -> None:
    orders = {place(shop, number): number for number in range(1, 5)}
    shop.cloud.settle()
    for function in ("relay", "inventory"):
        logged = [line for order_id in orders for line in lines(shop, function, order_id)]
        # One invocation had several orders in hand.
        assert len({line["function_request_id"] for line in logged}) < len(logged)
    for order_id, number in orders.items():
        events = shop.events(order_id)
        assert len(events) == 5
        # The log, and with it the stream; each fact is a span of its own.
        assert {event["traceparent"].split("-")[1] for event in events} == {trace_of(number)}
        assert len({event["traceparent"] for event in events}) == 5
        assert {event["correlationid"] for event in events} == {order_id}
        # The function behind the HTTP API, the relay, and the function behind every queue.
        for function in ("orders-api", *REACHED):
            found = lines(shop, function, order_id)
            assert found, function
            assert {line["trace_id"] for line in found} == {trace_of(number)}
            assert {line["correlation_id"] for line in found} == {order_id}
        # What the bus, the topics and the queues carried is what the functions were handed.
        refs = [delivery.event for delivery in shop.cloud.deliveries if delivery.event is not None]
        handed = {event.id for event in refs if event.subject == order_id}
        assert handed == {event["id"] for event in events}
        assert {line["event_id"] for line in lines(shop, "relay", order_id)} == handed


def test_trace_begins_with_the_x_ray_header_by_default(shop: Shop) -> None:
    headers = {"Idempotency-Key": "k", "X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"}
    reply = shop.cloud.http("POST", "/orders", json=an_order(), headers=headers, customer="ada")
    shop.cloud.settle()
    traces = {event["traceparent"].split("-")[1] for event in shop.events(reply.json()["order_id"])}
    assert traces == {"5759e988bd862e3fe1be46a994272793"}


def test_trace_json_has_causes_and_handlers(shop: Shop) -> None:
    order_id = place(shop, 7)
    shop.cloud.settle()
    document = trace(order_id)
    facts = {fact["type"]: fact for fact in document["facts"]}
    assert list(facts) == [
        "OrderCreated",
        "InventoryReserved",
        "PaymentProcessed",
        "OrderConfirmed",
        "ShipmentScheduled",
    ]
    assert facts["PaymentProcessed"]["causation_id"] == facts["InventoryReserved"]["id"]
    assert {fact["trace_id"] for fact in document["facts"]} == {trace_of(7)}
    handled = {(note["function"], note["outcome"]) for note in facts["OrderCreated"]["notes"]}
    consumers = ("inventory", "fraud", "notifications", "views")
    expected = {(f"{PREFIX}-{name}", "handled") for name in consumers} | {(f"{PREFIX}-relay", "published")}
    assert handled == expected
    (cause,) = document["causes"]
    assert [note["outcome"] for note in cause["notes"]] == ["order placed"]
    assert (document["payment"]["status"], document["payment"]["tries"]) == ("captured", 1)
    assert (document["other_notes"], document["unreadable"]) == ([], [])


def test_tree_shows_causes_above_their_effects(shop: Shop) -> None:
    order_id = shop.place(an_order(payment_method=DECLINED))
    shop.cloud.settle()
    code, out, _ = command(order_id)
    assert code == ExitCode.OK
    depth = {
        name: next(line.index(name) for line in out.splitlines() if f" {name}" in line)
        for name in ("OrderCreated", "InventoryReserved", "PaymentDeclined", "OrderCancelled")
    }
    assert sorted(depth, key=lambda name: depth[name]) == list(depth)
    assert "OrderCancelled (payment_declined)" in out
    assert "payment gateway: declined, 1 request" in out


def test_trace_names_a_partner_s_checkout_as_the_cause(shop: Shop) -> None:
    shop.cloud.put_events([checkout_entry(a_checkout())])
    shop.cloud.settle()
    (order_id,) = {row["order_id"] for row in shop.orders()}
    (cause,) = trace(order_id)["causes"]
    assert [(note["function"], note["outcome"]) for note in cause["notes"]] == [
        (f"{PREFIX}-orders", "handled")
    ]
    assert "CheckoutCompleted" in command(order_id)[1]


def test_trace_shows_retries_and_failures_with_their_reason(shop: Shop) -> None:
    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-shipping" and call.operation == "TransactWriteItems":
            raise OSError("no connection")
        return proceed()

    with call_fault(shop.cloud, refuse):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    confirmed = next(fact for fact in trace(order_id)["facts"] if fact["type"] == "OrderConfirmed")
    shipping = [note for note in confirmed["notes"] if note["function"] == f"{PREFIX}-shipping"]
    assert [(note["outcome"], note["receive_count"]) for note in shipping] == [
        ("retried", "1"),
        ("retried", "2"),
        ("retried", "3"),
        ("retried", "4"),
        ("dead-lettered", "5"),
    ]
    tree = command(order_id)[1]
    assert f"dead-lettered by {PREFIX}-shipping, received 5 times: reaction_failed" in tree
    diagram = command(order_id, "--mermaid")[1]
    assert diagram.startswith("sequenceDiagram\n")
    assert (
        "    orders--xshipping: OrderConfirmed, dead-lettered reaction_failed (also: retried 4 times)\n"
        in diagram
    )
    assert "    inventory->>payments: InventoryReserved\n" in diagram


def test_trace_finds_dead_letters_only_with_the_option(shop: Shop) -> None:
    shop.cloud.retry_after = SOON
    with call_fault(shop.cloud, crashing("shipping")):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert trace(order_id)["dead_letters"] is None
    (dead,) = trace(order_id, "--dead-letters")["dead_letters"]
    confirmed = next(fact for fact in trace(order_id)["facts"] if fact["type"] == "OrderConfirmed")
    assert (dead["event_id"], dead["reason"]) == (confirmed["id"], "received_too_often")
    expected = f"in {PREFIX}-shipping-dlq: received_too_often"
    assert expected not in command(order_id)[1]
    assert expected in command(order_id, "--dead-letters")[1]
    diagram = command(order_id, "--dead-letters", "--mermaid")[1]
    assert f"OrderConfirmed is dead-lettered in {PREFIX}-shipping-dlq, received_too_often" in diagram
    assert len(shop.dead_letters("shipping")) == 1


def test_trace_reports_an_unreadable_row(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    replace_fact(shop, f"payments#{order_id}", CORRUPTED)
    replace_fact(shop, f"shipping#{order_id}", {})
    rows = sorted(f"{row['pk']} {row['sk']}" for row in shop.rows("event-log") if is_corrupted(row))
    assert len(rows) == 2
    for option in ([], ["--mermaid"], ["--json"]):
        code, out, err = command(order_id, *option)
        assert code == ExitCode.INCOMPLETE
        assert err.splitlines() == [f"cannot be read: {row}" for row in rows]
        assert "OrderConfirmed" in out
    document = json.loads(out)
    assert document["unreadable_facts"] == rows
    readable = [fact["type"] for fact in document["facts"]]
    assert readable == ["OrderCreated", "InventoryReserved", "OrderConfirmed"]


def test_trace_fails_when_no_fact_is_readable(shop: Shop) -> None:
    order_id = shop.place(an_order())
    replace_fact(shop, f"orders#{order_id}", {})
    code, out, err = command(order_id)
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert f"No fact about {order_id} can be read: orders#{order_id} creation." in err


def test_trace_shows_no_personal_data(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    shown = "".join(command(order_id, *option)[1] for option in ([], ["--json"], ["--mermaid"]))
    for secret in ("ada@example.com", "Lovelace", "St James", "pm_card"):
        assert secret not in shown


def test_trace_continues_without_a_log_group(shop: Shop) -> None:
    order_id = shop.place(an_order())
    shop.cloud.settle()
    logs = shop.cloud.client("logs")
    logs.delete_log_group(logGroupName=f"/aws/lambda/{PREFIX}-views")
    try:
        functions = {note["function"] for fact in trace(order_id)["facts"] for note in fact["notes"]}
    finally:
        logs.create_log_group(logGroupName=f"/aws/lambda/{PREFIX}-views")
    assert f"{PREFIX}-views" not in functions
    assert f"{PREFIX}-shipping" in functions


@pytest.mark.parametrize(
    ("order", "code", "sentence"),
    [
        (UNKNOWN, ExitCode.UNKNOWN_ORDER, f"This stage has no order {UNKNOWN}."),
        ("my-order", ExitCode.USAGE, "my-order is not an order id."),
    ],
)
def test_trace_prints_an_error_when_the_order_is_unknown(
    shop: Shop, order: str, code: ExitCode, sentence: str
) -> None:
    assert shop.cloud.outputs
    exit_code, out, err = command(order)
    assert (exit_code, out) == (code, "")
    first, hint = err.strip().splitlines()
    assert first == sentence
    assert hint


def test_trace_prints_a_hint_when_the_stage_is_missing(shop: Shop) -> None:
    assert shop.cloud.outputs
    code, _, err = command(UNKNOWN, "--stage", "nowhere")
    assert code == ExitCode.AWS_REFUSED
    assert "Check the stage, the credentials and the region" in err
