"""The history of one order: its facts from the event log, and its payment attempt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct

from cli.core.backoff import attempts
from functions.contracts.registry import DECISIONS
from functions.shared.contracts.codec import Rejected, decode, read_envelope
from functions.shared.contracts.log_context import trace_id_of
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAYMENTS, ATTEMPTS = "payments", "attempts"
UNDECIDED = {"started", "unknown"}
OUTCOMES = {"PaymentProcessed": "captured", "PaymentDeclined": "declined"}
"""The statuses of an attempt whose outcome only the event log has (docs/decisions/0040)."""


class _Reasoned(Struct, frozen=True):
    """The reason in a fact's data: a code of a closed list, without personal data."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFact:
    """One fact with its publisher, time and cause."""

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
        """The trace id."""
        return trace_id_of(self.traceparent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The order's attempt at the payment gateway."""

    status: str
    tries: int
    first_at: str | None
    last_at: str | None
    due_at: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An order's rows of the event log."""

    facts: list[LoggedFact]
    """Oldest first."""
    unreadable: list[str]
    """Keys of unreadable rows."""


def facts_of(dynamodb: "DynamoDBClient", names: Names, order_id: str) -> History:
    """Read the order's facts in one request, without personal data."""
    keys = [{"pk": {"S": f"{owner}#{order_id}"}, "sk": {"S": decision}} for owner, decision in DECISIONS]
    pending: Any = {names.event_log: {"Keys": keys, "ConsistentRead": True}}
    facts: list[LoggedFact] = []
    unreadable: list[str] = []
    for _ in attempts():  # DynamoDB may return a part
        response = dynamodb.batch_get_item(RequestItems=pending)
        for row in response["Responses"].get(names.event_log, []):
            try:
                facts.append(_logged_fact(row["event"]["S"]))
            except (KeyError, Rejected):
                unreadable.append(f"{row['pk']['S']} {row['sk']['S']}")
        pending = response["UnprocessedKeys"]
        if not pending:
            break
    return History(facts=sorted(facts, key=lambda fact: fact.time), unreadable=sorted(unreadable))


def payment_of(
    dynamodb: "DynamoDBClient", names: Names, order_id: str, facts: Iterable[LoggedFact]
) -> Payment | None:
    """Read the order's payment attempt, with the outcome that its facts say; None without one."""
    response = dynamodb.get_item(
        TableName=names.table(PAYMENTS, ATTEMPTS), Key={"order_id": {"S": order_id}}, ConsistentRead=True
    )
    row: dict[str, Any] = {
        name: next(iter(value.values())) for name, value in response.get("Item", {}).items()
    }
    if not row:
        return None
    outcomes = [OUTCOMES[fact.type] for fact in facts if fact.type in OUTCOMES]
    return Payment(
        status=outcomes[0] if outcomes and row["status"] in UNDECIDED else row["status"],
        tries=int(row.get("tries", 0)),
        **{name: row.get(name) for name in ("first_at", "last_at", "due_at", "problem")},
    )


def reason_in(data: Raw) -> str | None:
    """Return the reason in a fact's data, if any; raise `Rejected` for unreadable data."""
    return decode(data, _Reasoned, "data_invalid").reason


def _logged_fact(document: str) -> LoggedFact:
    # Read only the envelope: newer versions of a fact have the same.
    envelope = read_envelope(document)
    return LoggedFact(
        id=envelope.id,
        type=envelope.type,
        owner=envelope.source,
        time=envelope.timestamp,
        causation_id=envelope.causationid,
        correlation_id=envelope.correlationid,
        traceparent=envelope.traceparent,
        reason=reason_in(envelope.data),
    )
