"""The attempts table: what we are about to ask of the gateway, written down before we ask."""

from functions.shared.attributes import number, text, texts
from functions.shared.clients import dynamodb
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.inventory import InventoryReserved
from functions.shared.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.shared.environment import required
from functions.shared.event_log import Change, RefusedError, event_log

PAYMENT = (PaymentProcessed.owner, PaymentProcessed.decision)
STARTED = "started"
ABSENT = "attribute_not_exists(order_id)"


class UndecidedError(Exception):
    """A charge is under way and its outcome is not known yet; come back later."""


def start(reserved: InventoryReserved) -> bool:
    """Write the attempt down; answers whether the gateway is to be asked, now or again.

    False where the payment is decided already: captured, declined, or cancelled before it began.
    """
    try:
        dynamodb().put_item(
            TableName=required("ATTEMPTS_TABLE"),
            Item={
                **texts(order_id=reserved.order_id, status=STARTED, currency=reserved.total.currency),
                "amount": number(reserved.total.amount),
            },
            ConditionExpression=f"{ABSENT} OR #status = :started",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":started": text(STARTED)},
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def commit_payment(outcome: PaymentProcessed | PaymentDeclined, *, cause: Cause) -> None:
    """Close the attempt with its outcome."""
    status = "captured" if isinstance(outcome, PaymentProcessed) else "declined"
    change: Change = {
        "Update": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Key": texts(order_id=outcome.order_id),
            "UpdateExpression": "SET #status = :outcome",
            "ConditionExpression": "#status = :started",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":outcome": text(status), ":started": text(STARTED)},
        }
    }
    event_log().append(outcome, cause=cause, changes=[change])


def commit_refusal(refusal: PaymentDeclined, *, cause: Cause) -> Fact:
    """Close the payment before it begins; answers the payment that stands, which may be an earlier capture.

    Raises `UndecidedError` while a charge is under way: then only its outcome can say what to undo.
    """
    row: Change = {
        "Put": {
            "TableName": required("ATTEMPTS_TABLE"),
            "Item": texts(order_id=refusal.order_id, status="cancelled"),
            "ConditionExpression": ABSENT,
        }
    }
    try:
        return event_log().append(refusal, cause=cause, changes=[row]).fact
    except RefusedError:
        raise UndecidedError("a charge is under way") from None


def commit_refund(refunded: PaymentRefunded, *, cause: Cause) -> None:
    """Write down that the money was given back."""
    event_log().append(refunded, cause=cause)


def payment_of(order_id: str) -> Fact | None:
    """What was decided about the order's payment, if anything was."""
    recorded = event_log().recorded(order_id, PAYMENT)
    return recorded.fact if recorded else None
