"""The attempts table: each charge, recorded before the request to the gateway.

An open attempt (requested, unknown, or captured and to be refunded) carries `open_in` and
`due_at`, the keys of a sparse index (docs/decisions/0018-an-unknown-payment-is-reconciled.md).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from functions.contracts.inventory import InventoryReserved
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.values import Money
from functions.payments.attempt import LOCK_TIME, Attempt, CancellationRequest, Status
from functions.shared.contracts.envelope import Cause
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
OPEN = {":started": text(Status.STARTED), ":unknown": text(Status.UNKNOWN)}
IS_OPEN = "#status IN (:started, :unknown)"


class NotBegunError(Exception):
    """There is no attempt to charge the order."""


class PaidMeanwhileError(Exception):
    """The order was charged while its payment was being refused; a retry finds the charge."""


def start(reserved: InventoryReserved, *, cause: Cause, now: datetime) -> Attempt | None:
    """Record the attempt; return it if the gateway should be called, now or again.

    Return None if the payment is decided (captured, declined, cancelled) or left to reconciliation.
    """
    return _update(
        reserved.order_id,
        "SET #status = :started, amount = :amount, currency = :currency, payment_method = :method,"
        " cause = :cause, open_in = :shard, due_at = :due, first_at = if_not_exists(first_at, :now),"
        " last_at = :now ADD tries :one",
        when="(attribute_not_exists(order_id) OR #status = :started) AND attribute_not_exists(called_off_by)",
        values={
            **texts(currency=reserved.total.currency, method=reserved.payment_method),
            **texts(cause=_written(cause), shard=shard_of(reserved.order_id), now=sortable(now)),
            **texts(started=Status.STARTED, due=sortable(now + LOCK_TIME)),
            "amount": number(reserved.total.amount),
            "one": number(1),
        },
    )


def cancel(order_id: str, *, cause: Cause, now: datetime) -> Attempt | None:
    """Record the cancellation on the attempt; return the attempt if money may have been taken.

    The settlement of the charge sees the record and refunds what was captured. Raises `NotBegunError` if
    there is no attempt.
    """
    return _update(
        order_id,
        "SET called_off_by = if_not_exists(called_off_by, :cause),"
        " called_off_at = if_not_exists(called_off_at, :now), open_in = :shard, due_at = :due",
        when=f"{IS_OPEN} OR (#status = :captured AND amount > :nothing)",
        values={
            **texts(cause=_written(cause), now=sortable(now), shard=shard_of(order_id)),
            **texts(due=sortable(now + LOCK_TIME), captured=Status.CAPTURED),
            **texts(started=Status.STARTED, unknown=Status.UNKNOWN),
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
    """Return the status of the payment, or None if the order has none."""
    row = _row(order_id)
    return Status(row["status"]["S"]) if row else None


def load(order_id: str) -> Attempt:
    """Read the attempt."""
    return _read(_row(order_id))


def leave_open(attempt: Attempt, *, problem: str, now: datetime) -> None:
    """Note the problem and the time of the next check, unless the attempt is closed."""
    status = Status.UNKNOWN if attempt.status is Status.STARTED else attempt.status
    _update(
        attempt.order_id,
        "SET #status = :status, problem = :problem, due_at = :due",
        when="attribute_exists(open_in) AND #status = :seen",
        values=texts(
            status=status, seen=attempt.status, problem=problem, due=sortable(attempt.next_check(now))
        ),
    )


def note(attempt: Attempt, *, problem: str) -> None:
    """Note the problem only, unless the attempt is closed."""
    _update(
        attempt.order_id,
        "SET problem = :problem",
        when="attribute_exists(open_in)",
        values=texts(problem=problem),
    )


def commit_payment(
    outcome: PaymentProcessed | PaymentDeclined, *, cause: Cause, is_cancelled: bool
) -> tuple[Appended, bool]:
    """Close the attempt with its outcome; return it, and whether a refund is owed.

    Raises `RefusedError` if it was captured and cancelled, and the caller has not seen that.
    """
    captured = isinstance(outcome, PaymentProcessed)
    owed = isinstance(outcome, PaymentProcessed) and is_cancelled and outcome.amount.amount > 0
    unseen = " AND attribute_not_exists(called_off_by)" if captured and not is_cancelled else ""
    change: Change = {
        "Update": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Key": texts(order_id=outcome.order_id),
            "UpdateExpression": "SET #status = :outcome" + ("" if owed else " REMOVE open_in, due_at"),
            "ConditionExpression": f"{IS_OPEN}{unseen}",
            "ExpressionAttributeNames": STATUS,
            "ExpressionAttributeValues": {
                ":outcome": text(Status.CAPTURED if captured else Status.DECLINED),
                **OPEN,
            },
        }
    }
    return event_log().append(outcome, cause=cause, changes=[change]), owed


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
        when="#status = :captured",
        values=texts(disputed=Status.DISPUTED, captured=Status.CAPTURED),
    )


def payment_of(order_id: str) -> PaymentProcessed | None:
    """Return the capture of the order, if any."""
    recorded = event_log().recorded(order_id, PAYMENT)
    return recorded.fact if recorded and isinstance(recorded.fact, PaymentProcessed) else None


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
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
                ReturnValues="ALL_NEW",
                **named,
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as failed:
        if must_exist and "Item" not in failed.response:
            raise NotBegunError("no charge of this order was requested yet") from None
        return None
    return _read(response["Attributes"])


def _row(order_id: str) -> Item:
    """Read the row of the attempt; empty if there is none."""
    response = dynamodb().get_item(
        TableName=required("ATTEMPTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    return response.get("Item", {})


def _read(row: Item) -> Attempt:
    cancelled_by = row.get("called_off_by")
    return Attempt(
        order_id=row["order_id"]["S"],
        status=Status(row["status"]["S"]),
        amount=msgspec.convert(
            {"amount": int(row["amount"]["N"]), "currency": row["currency"]["S"]}, type=Money
        ),
        method=row["payment_method"]["S"],
        cause=msgspec.json.decode(row["cause"]["S"], type=Cause),
        tries=int(row["tries"]["N"]),
        first_at=datetime.fromisoformat(row["first_at"]["S"]),
        cancellation=CancellationRequest(
            cause=msgspec.json.decode(cancelled_by["S"], type=Cause),
            at=datetime.fromisoformat(row["called_off_at"]["S"]),
        )
        if cancelled_by
        else None,
    )


def _written(cause: Cause) -> str:
    return msgspec.json.encode(cause).decode()
