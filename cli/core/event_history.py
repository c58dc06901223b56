"""What was decided on one order: its facts from the event log, and its attempt to be paid."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct

from cli.core.backoff import tries
from functions.contracts.registry import DECISIONS
from functions.shared.contracts.codec import Rejected, decode, read_envelope
from functions.shared.contracts.log_context import trace_id_of
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAYMENTS, ATTEMPTS = "payments", "attempts"


class _Reasoned(Struct, frozen=True):
    """As much of a fact's data as tells why it came to that: a code of a closed list."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One fact, who stated it and when, and what it came of."""

    id: str
    type: str
    owner: str
    time: datetime
    causation_id: str
    correlation_id: str
    traceparent: str
    reason: str | None

    @property
    def trace_id(self) -> str:
        """The trace it belongs to."""
        return trace_id_of(self.traceparent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is known of the order at the payment gateway: how often it was asked, and what came of it."""

    status: str
    tries: int
    first_at: str | None
    last_at: str | None
    due_at: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the event log has about an order."""

    facts: list[Stated]
    """The oldest first."""
    unreadable: list[str]
    """Its rows that hold no fact that can be read, by their keys."""


def facts_of(dynamodb: "DynamoDBClient", names: Names, order_id: str) -> History:
    """The facts about the order; one request, and none of what they say of the customer."""
    keys = [{"pk": {"S": f"{owner}#{order_id}"}, "sk": {"S": decision}} for owner, decision in DECISIONS]
    pending: Any = {names.event_log: {"Keys": keys, "ConsistentRead": True}}
    facts: list[Stated] = []
    unreadable: list[str] = []
    for _ in tries():  # DynamoDB may answer a part; a part of an order's way would be a lie about it
        answer = dynamodb.batch_get_item(RequestItems=pending)
        for row in answer["Responses"].get(names.event_log, []):
            try:
                facts.append(_stated(row["event"]["S"]))
            except (KeyError, Rejected):
                unreadable.append(f"{row['pk']['S']} {row['sk']['S']}")
        pending = answer["UnprocessedKeys"]
        if not pending:
            break
    return History(facts=sorted(facts, key=lambda fact: fact.time), unreadable=sorted(unreadable))


def payment_of(dynamodb: "DynamoDBClient", names: Names, order_id: str) -> Payment | None:
    """The order's attempt to be paid, if there is one."""
    answer = dynamodb.get_item(
        TableName=names.table(PAYMENTS, ATTEMPTS), Key={"order_id": {"S": order_id}}, ConsistentRead=True
    )
    row: dict[str, Any] = {name: next(iter(value.values())) for name, value in answer.get("Item", {}).items()}
    if not row:
        return None
    return Payment(
        status=row["status"],
        tries=int(row.get("tries", 0)),
        **{name: row.get(name) for name in ("first_at", "last_at", "due_at", "problem")},
    )


def reason_in(data: Raw) -> str | None:
    """Why it came to a fact, where what it says has a reason; raises `Rejected` where that is unreadable."""
    return decode(data, _Reasoned, "data_invalid").reason


def _stated(document: str) -> Stated:
    # The envelope alone: a fact of a newer version has one, too.
    envelope = read_envelope(document)
    return Stated(
        id=envelope.id,
        type=envelope.type,
        owner=envelope.source,
        time=envelope.timestamp,
        causation_id=envelope.causationid,
        correlation_id=envelope.correlationid,
        traceparent=envelope.traceparent,
        reason=reason_in(envelope.data),
    )
