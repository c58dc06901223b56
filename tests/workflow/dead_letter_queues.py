"""Helpers for tests of `orderbus dlq`: failed messages, and the command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from cli.core.exit_codes import ExitCode
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, appended_events, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import PREFIX, Shop, an_order

SOON = timedelta(seconds=35)
"""Short enough that an order is not overdue after its message has failed five times."""
EMAILS = 3
"""Emails to the customer of a shipped order."""


def command(*arguments: str) -> tuple[int, str, str]:
    rate = ["--rate", "1000"] if arguments[0] == "redrive" else []
    return orderbus("dlq", *arguments, *rate)


def groups(*arguments: str) -> list[dict[str, Any]]:
    code, out, _ = command("ls", "--json", *arguments)
    assert code == ExitCode.OK
    found: list[dict[str, Any]] = json.loads(out)["groups"]
    return found


def redriven(*arguments: str) -> dict[str, Any]:
    code, out, err = command("redrive", "--yes", "--json", *arguments)
    assert code == ExitCode.OK, out + err
    report: dict[str, Any] = json.loads(out)
    return report


def present_violations(shop: Shop) -> list[str]:
    """Return the violations, except undelivered messages: these tests begin with one."""
    return [violation for violation in violations(shop) if not violation.startswith("undelivered")]


def send(shop: Shop, queue: str, body: str, **attributes: str) -> None:
    sqs = shop.cloud.client("sqs")
    sqs.send_message(
        QueueUrl=sqs.get_queue_url(QueueName=f"{PREFIX}-{queue}")["QueueUrl"],
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


@contextmanager
def a_bug(shop: Shop, service: str) -> Iterator[None]:
    """Make the service's decisions fail."""

    def fail(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if appended_events(call) and call.function == f"{PREFIX}-{service}":
            raise RuntimeError("a bug in our own code")
        return proceed()

    shop.cloud.retry_after = SOON
    with call_fault(shop.cloud, fail):
        yield


def a_failed_order(shop: Shop) -> str:
    """Place an order whose message to payments is dead-lettered."""
    with a_bug(shop, "payments"):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    return order_id


def assert_shipped_once(shop: Shop, order_id: str) -> None:
    assert shop.facts(order_id) == SHIPPED
    assert present_violations(shop) == []
    assert len(shop.email_subjects()) == EMAILS
