"""Every way in which an order can end, as steps of one customer and faults around the order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from cli.cost.counting.order_flow import SHIP_TO, SKUS, OrderFlow, order_request
from cli.demo.sample_orders import CURRENCY, PLENTY, SCARCE
from pocketcloud import AwsCall

SHIPPED = "shipped"
RISKY_COUNTRY = "KP"
"""One of the countries that functions/fraud/rules.py suspects."""
DECLINED_CARD = "pm_card_chargeDeclined"
PAST_THE_DEADLINE_MINUTES = 17
RECONCILED_MINUTES = 30
_Proceed = Callable[[], dict[str, Any]]


def _shipped(flow: OrderFlow) -> None:
    flow.place(order_request())
    flow.cloud.settle()


def _from_a_partner(flow: OrderFlow) -> None:
    flow.check_out()


def _free(flow: OrderFlow) -> None:
    database = flow.cloud.client("dynamodb")
    for sku in SKUS:
        row = {"sku": {"S": sku}, "unit_price": {"N": "0"}, "currency": {"S": CURRENCY}}
        database.put_item(TableName=flow.names.of("catalogue"), Item=row)
    flow.place(order_request(total={"amount": 0, "currency": CURRENCY}))
    flow.cloud.settle()


def _out_of_stock(flow: OrderFlow) -> None:
    request = order_request(lines=[{"sku": sku, "quantity": 1} for sku in (*SKUS[1:], SCARCE)])
    del request["total"]
    flow.place(request)
    flow.cloud.settle()


def _declined(flow: OrderFlow) -> None:
    flow.place(order_request(payment_method=DECLINED_CARD))
    flow.cloud.settle()


def _cancelled_at_once(flow: OrderFlow) -> None:
    flow.place(order_request())
    flow.cloud.advance(milliseconds=1)
    flow.cancel()
    flow.cloud.settle()


def _cancelled_during_the_charge(flow: OrderFlow) -> None:
    flow.place(order_request())
    done: list[bool] = []

    def cancel_once(call: AwsCall, proceed: _Proceed) -> dict[str, Any]:
        response = proceed()
        if not done and "charge:" in str(call.parameters) and call.operation == "PutItem":
            done.append(True)
            flow.cancel()
        return response

    with _middleware(flow, cancel_once):
        flow.cloud.settle()


def _cancelled_after_the_capture(flow: OrderFlow) -> None:
    flow.place(order_request())
    flow.advance_to("OrderConfirmed")
    flow.cancel()
    flow.cloud.settle()


def _cancelled_too_late(flow: OrderFlow) -> None:
    _shipped(flow)
    flow.cancel(HTTPStatus.CONFLICT)
    flow.cloud.settle()


def _timed_out(flow: OrderFlow) -> None:
    _without_queue(flow, "payments")


def _timed_out_after_the_capture(flow: OrderFlow) -> None:
    _without_queue(flow, "shipping")


def _payment_unknown(flow: OrderFlow) -> None:
    with _middleware(flow, _silent_gateway(flow)):
        flow.place(order_request())
        flow.cloud.settle()
    flow.cloud.advance(minutes=2)
    flow.cloud.settle()


def _timed_out_payment_unknown(flow: OrderFlow) -> None:
    with _middleware(flow, _silent_gateway(flow)):
        flow.place(order_request())
        flow.cloud.advance(minutes=PAST_THE_DEADLINE_MINUTES)
    flow.cloud.advance(minutes=RECONCILED_MINUTES)


def _suspected(flow: OrderFlow) -> None:
    flow.place(order_request(ship_to={**SHIP_TO, "country": RISKY_COUNTRY}))
    flow.cloud.settle()


def _without_queue(flow: OrderFlow, service: str) -> None:
    """The service's queue takes nothing until the deadline is over."""
    flow.cloud.outages.add(f"queue/{flow.names.queue(service)}")
    flow.place(order_request())
    flow.cloud.advance(minutes=PAST_THE_DEADLINE_MINUTES)
    flow.cloud.outages.clear()
    flow.cloud.settle()


def _silent_gateway(flow: OrderFlow) -> Callable[[AwsCall, _Proceed], dict[str, Any]]:
    """The gateway captures, and its responses are lost."""

    def time_out(call: AwsCall, proceed: _Proceed) -> dict[str, Any]:
        if call.parameters.get("TableName") != flow.names.of("gateway"):
            return proceed()
        with suppress(ClientError):  # a known key is rejected
            proceed()
        raise ReadTimeoutError(endpoint_url="https://gateway.example")

    return time_out


@contextmanager
def _middleware(flow: OrderFlow, middleware: Callable[[AwsCall, _Proceed], dict[str, Any]]) -> Iterator[None]:
    flow.cloud.calls.middleware.append(middleware)
    try:
        yield
    finally:
        flow.cloud.calls.middleware.remove(middleware)


PATHS: dict[str, tuple[Callable[[OrderFlow], None], str]] = {
    "shipped": (_shipped, SHIPPED),
    "shipped-from-partner": (_from_a_partner, SHIPPED),
    "shipped-free": (_free, SHIPPED),
    "out-of-stock": (_out_of_stock, "cancelled (out_of_stock)"),
    "card-declined": (_declined, "cancelled (payment_declined)"),
    "cancelled-at-once": (_cancelled_at_once, "cancelled (customer_request)"),
    "cancelled-during-charge": (_cancelled_during_the_charge, "cancelled (customer_request)"),
    "cancelled-after-capture": (_cancelled_after_the_capture, "cancelled (customer_request)"),
    "cancelled-too-late": (_cancelled_too_late, SHIPPED),
    "timed-out": (_timed_out, "cancelled (timed_out)"),
    "timed-out-after-capture": (_timed_out_after_the_capture, "cancelled (timed_out)"),
    "payment-unknown": (_payment_unknown, SHIPPED),
    "timed-out-payment-unknown": (_timed_out_payment_unknown, "cancelled (timed_out)"),
    "fraud-suspected": (_suspected, "cancelled (fraud_suspected)"),
}
"""The events of a path, and the status in which its order must end."""
STOCK = dict.fromkeys(SKUS, PLENTY) | {SCARCE: 0}
