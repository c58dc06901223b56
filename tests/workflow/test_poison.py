"""An unprocessable message is dead-lettered with a reason and delays no other."""

from typing import Any

from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.invariants import violations
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry, delivery_entry


def reason_of(message: dict[str, Any]) -> str:
    return str(message["MessageAttributes"]["reason"]["StringValue"])


def send(shop: Shop, service: str, body: str) -> None:
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-{service}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=body)


def test_nine_orders_ship_when_one_is_dead_lettered(shop: Shop) -> None:
    shop.open({"TEAPOT": 10, "CUP": 20})
    orders = [shop.place(an_order(), key=f"k{n}") for n in range(10)]
    poisoned = orders[4]

    def fail(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "TransactWriteItems" and f"inventory#{poisoned}" in str(call.parameters):
            raise RuntimeError("a bug in our own code")
        return proceed()

    with call_fault(shop.cloud, fail):
        shop.cloud.settle()
    ends = {order: shop.facts(order)[-1] for order in orders}
    assert ends.pop(poisoned) == "OrderCreated"
    assert set(ends.values()) == {"ShipmentScheduled"}
    (message,) = shop.dead_letters("inventory")
    assert reason_of(message) == "reaction_failed"
    assert message["MessageAttributes"]["error_class"]["StringValue"] == "RuntimeError"
    assert message["MessageAttributes"]["receive_count"]["StringValue"] == "5"
    assert poisoned in message["Body"]


def test_failing_message_is_retried_without_its_batch(shop: Shop) -> None:
    shop.open({"TEAPOT": 10, "CUP": 20})
    orders = [shop.place(an_order(), key=f"k{n}") for n in range(10)]
    failures: list[str] = []

    def fail_once(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-inventory" and orders[4] in str(call.parameters) and not failures:
            failures.append(call.operation)
            raise RuntimeError("only this once")
        return proceed()

    with call_fault(shop.cloud, fail_once):
        shop.cloud.settle()
    receives = [hop.receive_count for hop in shop.cloud.deliveries if hop.function.endswith("-inventory")]
    assert sorted(receives) == [*([1] * 10), 2]
    assert violations(shop, stock={"TEAPOT": 10, "CUP": 20}) == []


def test_message_is_dead_lettered_unchanged_when_not_json(shop: Shop) -> None:
    send(shop, "inventory", "this is not JSON")
    shop.cloud.settle()
    (message,) = shop.dead_letters("inventory")
    assert message["Body"] == "this is not JSON"
    assert reason_of(message) == "json_invalid"
    assert message["MessageAttributes"]["receive_count"]["StringValue"] == "1"
    assert [lost.reason for lost in shop.cloud.undelivered] == ["json_invalid"]


def test_partner_cannot_forge_a_payment(shop: Shop) -> None:
    entry = checkout_entry(a_checkout())
    entry["Detail"] = (
        entry["Detail"].replace('"storefront"', '"payments"').replace("CheckoutCompleted", "PaymentProcessed")
    )
    shop.cloud.put_events([entry])
    shop.cloud.settle()
    (message,) = shop.dead_letters("orders")
    assert reason_of(message) == "source_mismatch"
    assert shop.orders() == []


def test_invalid_checkout_is_dead_lettered_without_an_order(shop: Shop) -> None:
    wrong = a_checkout(lines=[{"sku": "CUP", "quantity": "1", "unit_price": 650}])
    shop.cloud.put_events([checkout_entry(wrong)])
    shop.cloud.settle()
    (message,) = shop.dead_letters("orders")
    assert reason_of(message) == "data_invalid"
    assert "$.lines[0].quantity" in message["MessageAttributes"]["detail"]["StringValue"]
    assert shop.orders() == []


def test_unknown_fact_is_kept_and_dead_lettered(shop: Shop) -> None:
    send(shop, "inventory", checkout_entry(a_checkout())["Detail"])
    unknown = checkout_entry(a_checkout())
    body = (
        '{"source":"storefront","detail-type":"WishListShared","detail":'
        + unknown["Detail"].replace("CheckoutCompleted", "WishListShared")
        + "}"
    )
    send(shop, "payments", body)
    shop.cloud.settle()
    assert [reason_of(message) for message in shop.dead_letters("payments")] == ["no_reaction"]
    assert [reason_of(message) for message in shop.dead_letters("inventory")] == ["json_invalid"]


def test_delivery_of_the_heartbeats_stock_is_dead_lettered_whole(shop: Shop) -> None:
    shop.cloud.put_events([delivery_entry(TEAPOT=1, HEARTBEAT=1)])
    shop.cloud.settle()
    assert [reason_of(message) for message in shop.dead_letters("inventory")] == ["sku_reserved"]
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert shop.rows("event-log") == []
