"""The attempts table: what we are about to ask of the gateway, written down before we ask.

An attempt that is not over (asked for, unknown, or captured and to be given back) carries `open_in` and
`due_at`, the keys of an index that holds no other (docs/decisions/0018-an-unknown-payment-is-reconciled.md).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from functions.contracts.inventory import InventoryReserved
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.values import Money
from functions.payments.attempt import PATIENCE, Attempt, CallingOff, Status
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
    """The order was charged while its payment was to be refused; asking again finds the charge."""


def start(reserved: InventoryReserved, *, cause: Cause, now: datetime) -> Attempt | None:
    """Write the attempt down; answers it where the gateway is to be asked, now or again.

    None where the payment is decided already (captured, declined, called off) or left to reconciliation.
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
            **texts(started=Status.STARTED, due=sortable(now + PATIENCE)),
            "amount": number(reserved.total.amount),
            "one": number(1),
        },
    )


def call_off(order_id: str, *, cause: Cause, now: datetime) -> Attempt | None:
    """Write down that no money is to be kept; answers the attempt if any may have been taken.

    Whoever settles the charge sees it, and gives back what was captured. Raises `NotBegunError` where
    there is no attempt to write it on.
    """
    try:
        answer = retries().run(
            lambda: dynamodb().update_item(
                TableName=required("ATTEMPTS_TABLE"),
                Key=texts(order_id=order_id),
                UpdateExpression="SET called_off_by = if_not_exists(called_off_by, :cause),"
                " called_off_at = if_not_exists(called_off_at, :now), open_in = :shard, due_at = :due",
                ConditionExpression=f"{IS_OPEN} OR (#status = :captured AND amount > :nothing)",
                ExpressionAttributeNames=STATUS,
                ExpressionAttributeValues={
                    **texts(
                        **{":cause": _written(cause), ":now": sortable(now), ":shard": shard_of(order_id)}
                    ),
                    **texts(**{":due": sortable(now + PATIENCE), ":captured": Status.CAPTURED}),
                    **OPEN,
                    ":nothing": number(0),
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        if "Item" not in refused.response:
            raise NotBegunError("nothing was asked of the gateway yet") from None
        return None
    return _read(answer["Attributes"])


def due(before: datetime) -> Iterator[str]:
    """The orders whose attempts are to be looked at by then, the longest due first; it reads no others."""
    items = open_items.due(
        table=required("ATTEMPTS_TABLE"), index=OPEN_ATTEMPTS, key="order_id", due_at="due_at", before=before
    )
    return (order_id for order_id, _ in items)


def take(order_id: str, *, now: datetime) -> Attempt | None:
    """Take the attempt up, alone; None where it is over or another has taken it up meanwhile."""
    return _update(
        order_id,
        "SET last_at = :now, due_at = :due ADD tries :one",
        when="attribute_exists(open_in) AND due_at <= :now",
        values={**texts(now=sortable(now), due=sortable(now + PATIENCE)), "one": number(1)},
    )


def status_of(order_id: str) -> Status | None:
    """What is known of the order's payment; None where there is no such payment of ours."""
    row = _row(order_id)
    return Status(row["status"]["S"]) if row else None


def load(order_id: str) -> Attempt:
    """The attempt as it stands."""
    return _read(_row(order_id))


def leave_open(attempt: Attempt, *, problem: str, now: datetime) -> None:
    """Note what kept the attempt from its end, and when to look again; nothing, if it is over by now."""
    status = Status.UNKNOWN if attempt.status is Status.STARTED else attempt.status
    _update(
        attempt.order_id,
        "SET #status = :status, problem = :problem, due_at = :due",
        when="attribute_exists(open_in) AND #status = :seen",
        values=texts(
            status=status, seen=attempt.status, problem=problem, due=sortable(attempt.next_look(now))
        ),
    )


def note(attempt: Attempt, *, problem: str) -> None:
    """Note what is in the attempt's way, and leave it as it is; nothing, if it is over by now."""
    _update(
        attempt.order_id,
        "SET problem = :problem",
        when="attribute_exists(open_in)",
        values=texts(problem=problem),
    )


def commit_payment(
    outcome: PaymentProcessed | PaymentDeclined, *, cause: Cause, called_off: bool
) -> tuple[Appended, bool]:
    """Close the attempt with its outcome; return it, and whether it is to be given back.

    Raises `RefusedError` where it was captured and called off, and the caller has not seen that.
    """
    captured = isinstance(outcome, PaymentProcessed)
    owed = isinstance(outcome, PaymentProcessed) and called_off and outcome.amount.amount > 0
    unseen = " AND attribute_not_exists(called_off_by)" if captured and not called_off else ""
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

    Raises `RefusedError` where it has begun meanwhile, and `PaidMeanwhileError` where it is even over.
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
    """Close the attempt for good: the money was given back."""
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
    """Close the attempt for good without a refund: the customer's bank took the money back."""
    _update(
        order_id,
        "SET #status = :disputed REMOVE open_in, due_at",
        when="#status = :captured",
        values=texts(disputed=Status.DISPUTED, captured=Status.CAPTURED),
    )


def payment_of(order_id: str) -> PaymentProcessed | None:
    """The order's capture, if there was one."""
    recorded = event_log().recorded(order_id, PAYMENT)
    return recorded.fact if recorded and isinstance(recorded.fact, PaymentProcessed) else None


def _update(order_id: str, update: str, *, when: str, values: Item) -> Attempt | None:
    """The attempt after the update, or None where the condition did not hold."""
    named: Any = {"ExpressionAttributeNames": STATUS} if "#status" in update + when else {}
    try:
        answer = retries().run(
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
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return None
    return _read(answer["Attributes"])


def _row(order_id: str) -> Item:
    """The attempt's row, empty where there is none."""
    answer = dynamodb().get_item(
        TableName=required("ATTEMPTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    return answer.get("Item", {})


def _read(row: Item) -> Attempt:
    called_off = row.get("called_off_by")
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
        called_off=CallingOff(
            cause=msgspec.json.decode(called_off["S"], type=Cause),
            at=datetime.fromisoformat(row["called_off_at"]["S"]),
        )
        if called_off
        else None,
    )


def _written(cause: Cause) -> str:
    return msgspec.json.encode(cause).decode()
