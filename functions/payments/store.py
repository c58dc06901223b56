"""The attempts table: each charge, recorded before the request to the gateway.

The event log has the outcome. A capture is recorded by its event alone, so the row of a paid order stays
`started`. A listed attempt (unknown, rejected by the gateway, or cancelled) carries `open_in` and `due_at`,
the keys of a sparse index, until reconciliation or a refund closes it
(docs/decisions/0040-the-record-is-written-once.md).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from functions.contracts.inventory import InventoryReserved
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.payments import attempt_row
from functions.payments.attempt import LOCK_TIME, UNDECIDED, Attempt, Status
from functions.payments.domain import is_owed, settled_status
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact
from functions.shared.event_store import open_items
from functions.shared.event_store.attributes import Item, number, text, texts
from functions.shared.event_store.event_log import Appended, Change, event_log
from functions.shared.event_store.open_items import shard_of, sortable
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries

PAYMENT = (PaymentProcessed.owner, PaymentProcessed.decision)
OPEN_ATTEMPTS = "open-attempts"
STATUS = {"#status": "status"}
OPEN = texts(started=Status.STARTED, unknown=Status.UNKNOWN)
IS_OPEN = "#status IN (:started, :unknown)"
MAY_BE_CAPTURED = "#status IN (:started, :unknown, :captured)"


class NotBegunError(Exception):
    """There is no attempt to charge the order."""


class PaidMeanwhileError(Exception):
    """The order was charged while its payment was being refused; a retry finds the charge."""


def start(reserved: InventoryReserved, *, cause: Cause, now: datetime) -> tuple[Attempt | None, bool]:
    """Record the attempt; return it, or the earlier one, and whether it is new.

    There is no attempt if the order was cancelled before. A crash before the outcome leaves the row unlisted:
    the message comes again, or the order times out, and its cancellation lists the attempt.
    """
    row = attempt_row.new_row(reserved, cause=cause, now=now)
    try:
        retries().run(
            lambda: dynamodb().put_item(
                TableName=required("ATTEMPTS_TABLE"),
                Item=row,
                ConditionExpression="attribute_not_exists(order_id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as failed:
        earlier = cast("dict[str, Any]", failed.response)["Item"]
        return (None if attempt_row.is_tombstone(earlier) else attempt_row.read(earlier)), False
    return attempt_row.read(row), True


def resume(order_id: str, *, now: datetime) -> Attempt | None:
    """Count another try; return None if the order is cancelled or reconciliation has the attempt."""
    return _update(
        order_id,
        "SET last_at = :now ADD tries :one",
        when="#status = :started AND attribute_not_exists(cancelled_by)",
        values={**texts(now=sortable(now), started=Status.STARTED), "one": number(1)},
    )


def cancel(order_id: str, *, cause: Cause, now: datetime) -> Attempt | None:
    """Record the cancellation on the attempt, and list it; return the attempt if money may have been taken.

    A capture after this is found by reconciliation, and one before it in the event log. Raises
    `NotBegunError` if there is no attempt.
    """
    return _update(
        order_id,
        "SET cancelled_by = if_not_exists(cancelled_by, :cause),"
        " cancelled_at = if_not_exists(cancelled_at, :now), open_in = :shard, due_at = :due",
        when=f"{IS_OPEN} OR (#status = :captured AND amount > :nothing)",
        values={
            **texts(cause=attempt_row.written(cause), now=sortable(now), shard=shard_of(order_id)),
            **texts(due=sortable(now + LOCK_TIME), captured=Status.CAPTURED),
            **OPEN,
            "nothing": number(0),
        },
        must_exist=True,
    )


def due(before: datetime) -> Iterator[str]:
    """Return the orders whose attempts are due by then, the longest due first."""
    items = open_items.due(
        table=required("ATTEMPTS_TABLE"), index=OPEN_ATTEMPTS, key="order_id", due_at="due_at", before=before
    )
    return (order_id for order_id, _ in items)


def take(order_id: str, *, now: datetime) -> Attempt | None:
    """Lock the attempt; return None if it is closed or another function holds it."""
    return _update(
        order_id,
        "SET last_at = :now, due_at = :due ADD tries :one",
        when="attribute_exists(open_in) AND due_at <= :now",
        values={**texts(now=sortable(now), due=sortable(now + LOCK_TIME)), "one": number(1)},
    )


def status_of(order_id: str) -> Status | None:
    """Return the status of the payment, or None if the order has none; the event log has the outcome."""
    row = _row(order_id)
    status = Status(row["status"]["S"]) if row else None
    decided = outcome_of(order_id) if status in UNDECIDED else None
    return settled_status(decided.fact) if decided else status


def load(order_id: str) -> Attempt:
    """Read the attempt."""
    return attempt_row.read(_row(order_id))


def leave_open(attempt: Attempt, *, status: Status, problem: str, now: datetime) -> None:
    """Note the problem and the time of the next check, unless the attempt is closed."""
    _update(
        attempt.order_id,
        "SET #status = :status, problem = :problem, open_in = :shard, due_at = :due",
        when="#status IN (:started, :unknown, :status)",
        values={
            **texts(status=status, problem=problem, shard=shard_of(attempt.order_id)),
            **texts(due=sortable(attempt.next_check(now))),
            **OPEN,
        },
    )


def note(attempt: Attempt, *, problem: str, now: datetime) -> None:
    """Note the problem and list the attempt, unless it is closed."""
    _update(
        attempt.order_id,
        "SET problem = :problem, open_in = :shard, due_at = if_not_exists(due_at, :due)",
        when=f"{IS_OPEN} OR (#status = :captured AND attribute_exists(cancelled_by))",
        values={
            **texts(problem=problem, shard=shard_of(attempt.order_id), due=sortable(now + LOCK_TIME)),
            **texts(captured=Status.CAPTURED),
            **OPEN,
        },
    )


def commit_payment(outcome: PaymentProcessed | PaymentDeclined, attempt: Attempt) -> Appended:
    """Append the outcome; close the row if it is listed, or if its order is cancelled next.

    Raises `RefusedError` if it was captured and cancelled, and the caller has not seen that.
    """
    captured = isinstance(outcome, PaymentProcessed)
    if captured and not attempt.is_listed:
        return event_log().append(outcome, cause=attempt.cause)
    unseen = " AND attribute_not_exists(cancelled_by)" if captured and not attempt.cancellation else ""
    change: Change = {
        "Update": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Key": texts(order_id=outcome.order_id),
            "UpdateExpression": _closing(attempt, outcome),
            "ConditionExpression": f"{IS_OPEN}{unseen}",
            "ExpressionAttributeNames": STATUS,
            "ExpressionAttributeValues": _named({**texts(outcome=settled_status(outcome)), **OPEN}),
        }
    }
    return event_log().append(outcome, cause=attempt.cause, changes=[change])


def close(attempt: Attempt, outcome: Fact) -> None:
    """Close the row of an attempt with that outcome, unless a refund is owed that the caller has not seen."""
    _update(
        attempt.order_id,
        _closing(attempt, outcome),
        when=MAY_BE_CAPTURED + ("" if attempt.cancellation else " AND attribute_not_exists(cancelled_by)"),
        values={**texts(outcome=settled_status(outcome), captured=Status.CAPTURED), **OPEN},
    )


def _closing(attempt: Attempt, outcome: Fact) -> str:
    return "SET #status = :outcome" + ("" if is_owed(attempt, outcome) else " REMOVE open_in, due_at")


def commit_refusal(refusal: PaymentDeclined, *, cause: Cause) -> Appended:
    """Close the payment before it begins.

    Raises `RefusedError` if it has begun meanwhile, and `PaidMeanwhileError` if it was captured.
    """
    row: Change = {
        "Put": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Item": texts(order_id=refusal.order_id, status=Status.CANCELLED),
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }
    appended = event_log().append(refusal, cause=cause, changes=[row])
    if isinstance(appended.event.fact, PaymentProcessed):
        raise PaidMeanwhileError("there is a charge to be given back")
    return appended


def commit_refund(refunded: PaymentRefunded, *, cause: Cause) -> Appended:
    """Close the attempt: the money was refunded."""
    change: Change = {
        "Update": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Key": texts(order_id=refunded.order_id),
            "UpdateExpression": "SET #status = :refunded REMOVE open_in, due_at",
            "ExpressionAttributeNames": STATUS,
            "ExpressionAttributeValues": {":refunded": text(Status.REFUNDED)},
        }
    }
    return event_log().append(refunded, cause=cause, changes=[change])


def close_disputed(order_id: str) -> None:
    """Close the attempt without a refund: the customer's bank took the money back."""
    _update(
        order_id,
        "SET #status = :disputed REMOVE open_in, due_at",
        when=MAY_BE_CAPTURED,
        values={**texts(disputed=Status.DISPUTED, captured=Status.CAPTURED), **OPEN},
    )


def outcome_of(order_id: str) -> Event[Fact] | None:
    """Return the event that decided the payment, if there is one."""
    return event_log().recorded(order_id, PAYMENT)


def _update(
    order_id: str, update: str, *, when: str, values: Item, must_exist: bool = False
) -> Attempt | None:
    """Return the attempt after the update, or None if the condition failed.

    With `must_exist`, raise `NotBegunError` if there is no attempt.
    """
    named: Any = {"ExpressionAttributeNames": STATUS} if "#status" in update + when else {}
    if must_exist:
        named["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    try:
        response = retries().run(
            lambda: dynamodb().update_item(
                TableName=required("ATTEMPTS_TABLE"),
                Key=texts(order_id=order_id),
                UpdateExpression=update,
                ConditionExpression=when,
                ExpressionAttributeValues=_named(values),
                ReturnValues="ALL_NEW",
                **named,
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as failed:
        if must_exist and "Item" not in failed.response:
            raise NotBegunError("no charge of this order was requested yet") from None
        return None
    return attempt_row.read(response["Attributes"])


def _row(order_id: str) -> Item:
    """Read the row of the attempt; empty if there is none."""
    response = dynamodb().get_item(
        TableName=required("ATTEMPTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    return response.get("Item", {})


def _named(values: Item) -> dict[str, Any]:
    """Return the values under the names that expressions use."""
    return {f":{name}": value for name, value in values.items()}
