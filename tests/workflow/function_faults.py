"""Faults of functions and of what they are given, each of which an alarm goes off for."""

import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from infrastructure import topology
from pocketcloud import AwsCall
from tests.workflow.call_faults import Middleware, Proceed, SilentGateway, call_fault, crashing
from tests.workflow.delivery_faults import throttled, without_topic
from tests.workflow.shop import PREFIX, Shop, an_order

TABLES_OF_APIS = {"orders": "/orders/00000000-0000-4000-8000-000000000000", "views": "/orders"}
COPIES = 25
"""Messages that fail together: more a minute than an alarm on retries allows."""


def send(shop: Shop, service: str, body: str, count: int = 1) -> None:
    sqs = shop.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-{service}")["QueueUrl"]
    for _ in range(count):
        sqs.send_message(QueueUrl=url, MessageBody=body)


def delivered(detail: dict[str, Any], **changes: str) -> str:
    """The event as EventBridge wraps it."""
    wrapping = {"id": "1", "source": detail["source"], "detail-type": detail["type"], "time": detail["time"]}
    origin = {"account": "123456789012", "region": "eu-west-1"}
    return json.dumps({**wrapping, **origin, **changes, "detail": detail})


def shipped(shop: Shop, key: str) -> list[dict[str, Any]]:
    """The events of an order that went its way."""
    order = shop.place(an_order(), key=key)
    shop.cloud.settle()
    return shop.events(order)


def event_for(shop: Shop, service: str) -> str:
    """Return a message of the service's queue about one of its facts."""
    wanted = next(each for each in topology.SERVICES if each.name == service).reacts_to
    events = shipped(shop, f"for-{service}")
    return delivered(next(event for event in events if event["type"] in wanted))


def failing(function: str) -> Middleware:
    """Every call of the function fails, but for what it says of its failure."""

    def fail(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-{function}" and call.operation != "SendMessage":
            raise RuntimeError("a bug in our own code")
        return proceed()

    return fail


def garbage(shop: Shop, service: str) -> None:
    send(shop, service, "this is not JSON")
    shop.cloud.advance(minutes=2)


def forged(shop: Shop, service: str) -> None:
    detail = shipped(shop, f"before-{service}")[0]
    send(shop, service, delivered(detail, source="nobody"))
    shop.cloud.advance(minutes=2)


def unparked(shop: Shop, service: str) -> None:
    with call_fault(shop.cloud, lost_dead_letters):
        garbage(shop, service)


def unparked_row(shop: Shop, _: str) -> None:
    """EventBridge refuses a row for good, and the relay's dead-letter queue does not take it either."""

    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            refused = {"ErrorCode": "MalformedDetail", "ErrorMessage": "no"}
            return {"FailedEntryCount": 1, "Entries": [refused for _ in call.parameters["Entries"]]}
        return lost_dead_letters(call, proceed)

    shop.place(an_order())
    with call_fault(shop.cloud, refuse):
        shop.cloud.advance(minutes=2)


def lost_dead_letters(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    if call.operation == "SendMessage":
        raise RuntimeError("no dead-letter queue")
    return proceed()


def suspected_too_late(shop: Shop, service: str) -> None:
    created = shipped(shop, "suspected")[0]
    order = created["subject"]
    suspicion = {
        **created,
        "id": "00000000-0000-4000-8000-000000000001",
        "source": "fraud",
        "type": "FraudSuspected",
        "dataschema": "urn:orderbus:schema:fraud:FraudSuspected:1",
        "data": {"order_id": order, "customer_id": "ada", "reasons": ["new_country"]},
    }
    send(shop, service, delivered(suspicion))
    shop.cloud.advance(minutes=2)


def failing_one_by_one(shop: Shop, service: str) -> None:
    body = event_for(shop, service)
    shop.cloud.retry_after = timedelta(seconds=45)
    with call_fault(shop.cloud, failing(service)):
        send(shop, service, body, COPIES)
        shop.cloud.advance(minutes=4)


def waiting(shop: Shop, service: str) -> None:
    """Fifteen minutes is what five tries take; a message waits longer where its receives are far apart."""
    body = event_for(shop, service)
    shop.cloud.retry_after = timedelta(minutes=8)
    with call_fault(shop.cloud, crashing(service)):
        send(shop, service, body)
        shop.cloud.advance(minutes=19)


def crashing_consumer(shop: Shop, service: str) -> None:
    body = event_for(shop, service)
    shop.cloud.retry_after = timedelta(seconds=50)
    with call_fault(shop.cloud, crashing(service)):
        send(shop, service, body)
        shop.cloud.advance(minutes=4)


def crashing_api(shop: Shop, service: str) -> None:
    with call_fault(shop.cloud, crashing(f"{service}-api")):
        for _ in range(4):
            assert shop.cloud.http("GET", TABLES_OF_APIS[service]).status == 500
            shop.cloud.advance(minutes=1)


def busy(function: str) -> Middleware:
    """Throttle every call of the function."""

    def throttle(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-{function}":
            error = {"Error": {"Code": "ThrottlingException", "Message": "too many requests"}}
            raise ClientError(error, call.operation)  # type: ignore[arg-type]  # as AWS's has it
        return proceed()

    return throttle


def unavailable_api(shop: Shop, service: str) -> None:
    with call_fault(shop.cloud, busy(f"{service}-api")):
        for _ in range(4):
            assert shop.cloud.http("GET", TABLES_OF_APIS[service]).status == 503
            shop.cloud.advance(minutes=1)


def crashing_every_minute(shop: Shop, function: str) -> None:
    with call_fault(shop.cloud, crashing(function)):
        shop.cloud.advance(minutes=5)


def crashing_relay(shop: Shop, _: str) -> None:
    shop.place(an_order())
    shop.cloud.retry_after = timedelta(seconds=50)
    with call_fault(shop.cloud, crashing("relay")):
        shop.cloud.advance(minutes=5)


def stalled_relay(shop: Shop, _: str) -> None:
    shop.place(an_order())
    with call_fault(shop.cloud, crashing("relay")):
        shop.cloud.advance(minutes=9)


def relay_that_gives_up(shop: Shop, _: str) -> None:
    shop.place(an_order())
    shop.cloud.retry_after = timedelta(minutes=30)
    with call_fault(shop.cloud, failing("relay")):
        shop.cloud.advance(hours=12, minutes=3)


def ran_low(shop: Shop) -> None:
    """A SKU falls to its reorder level."""
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-stock",
        Key={"sku": {"S": "TEAPOT"}},
        UpdateExpression="SET reorder_level = :level",
        ExpressionAttributeValues={":level": {"N": "4"}},
    )
    shop.place(an_order())


def crashing_levels(shop: Shop, function: str) -> None:
    shop.cloud.retry_after = timedelta(seconds=50)
    with call_fault(shop.cloud, crashing(function)):
        ran_low(shop)
        shop.cloud.advance(minutes=5)


def stalled_levels(shop: Shop, function: str) -> None:
    with call_fault(shop.cloud, failing(function)):
        ran_low(shop)
        shop.cloud.advance(minutes=9)


def levels_that_give_up(shop: Shop, function: str) -> None:
    shop.cloud.retry_after = timedelta(minutes=30)
    with call_fault(shop.cloud, failing(function)):
        ran_low(shop)
        shop.cloud.advance(hours=12, minutes=3)


def a_gateway_that_says_nothing(shop: Shop, _: str) -> None:
    with call_fault(shop.cloud, SilentGateway("lost")):
        shop.place(an_order())
        shop.cloud.advance(hours=2, minutes=45)


def a_gateway_that_speaks_of_another_sum(shop: Shop, _: str) -> None:
    order_id = shop.place(an_order())
    outcome = {"id": "ch_1", "captured": True, "amount": {"amount": 3798, "currency": "GBP"}}
    row = {
        "idempotency_key": f"charge:{order_id}",
        "request": "charge 3799 GBP pm_card_visa",
        "outcome": json.dumps(outcome),
    }
    shop.cloud.client("dynamodb").put_item(
        TableName=f"{PREFIX}-gateway", Item={name: {"S": value} for name, value in row.items()}
    )
    shop.cloud.advance(minutes=35)


def a_bank_that_took_the_money_back(shop: Shop, _: str) -> None:
    order_id = shop.place(an_order(payment_method="pm_card_createDispute"), customer="kim")
    while "PaymentProcessed" not in shop.facts(order_id):
        shop.cloud.advance(milliseconds=20)
    reply = shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="kim")
    assert reply.status == 200, reply.body
    shop.cloud.advance(minutes=2)


def a_gateway_that_declines_all(shop: Shop, _: str) -> None:
    for number in range(8):
        order = an_order(payment_method="pm_card_chargeDeclined")
        shop.place(order, key=f"k{number}", customer=f"c{number}")
        shop.cloud.advance(minutes=5)


def lost_topic(shop: Shop, _: str) -> None:
    shop.place(an_order())
    with without_topic(shop, "order-created"):
        shop.cloud.advance(minutes=2)


def throttled_consumer(shop: Shop, service: str) -> None:
    body = event_for(shop, service)
    shop.cloud.retry_after = timedelta(seconds=45)
    with throttled(shop, service):
        send(shop, service, body)
        shop.cloud.advance(minutes=5)


def throttled_api(shop: Shop, service: str) -> None:
    with throttled(shop, f"{service}-api"):
        for _ in range(4):
            assert shop.cloud.http("GET", TABLES_OF_APIS[service]).status >= 500
            shop.cloud.advance(minutes=1)


def throttled_every_minute(shop: Shop, function: str) -> None:
    with throttled(shop, function):
        shop.cloud.advance(minutes=5)


def throttled_stream(shop: Shop, function: str) -> None:
    shop.cloud.retry_after = timedelta(seconds=45)
    with throttled(shop, function):
        ran_low(shop)
        shop.cloud.advance(minutes=5)
