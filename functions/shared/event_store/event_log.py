"""The event log: one write has a decision's fact and its state changes, or none of them.

A row of the event log has four roles. It deduplicates: its key names the decision, and it is put only if
absent. It is the outbox: the table's stream feeds the relay. It is the event store: nothing updates or
deletes it. It is the Powertools idempotency record, so `EventLog` is a Powertools persistence layer:
"in progress" writes nothing, "completed" is the row itself, and a failure leaves nothing behind.
See docs/decisions/0002-the-event-log-is-the-idempotency-record.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from botocore.exceptions import ClientError
from msgspec import Struct

from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact, PublishedFact
from functions.shared.event_store.attributes import Item, texts
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, Retries, cancellation_reasons, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchGetItemOutputTypeDef, PutTypeDef, TransactWriteItemTypeDef

Change = Mapping[str, Any]
"""One write of a transaction, in the form of TransactWriteItems: `{"Update": {…}}`."""


Decision = tuple[str, str]
"""The owner and the name of a decision: `("orders", "creation")`."""
MAXIMUM_KEYS = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


class PartialReadError(RuntimeError):
    """DynamoDB returned only part of a batch; retrying is safe."""


class RefusedError(Exception):
    """A condition of a change failed, and nothing was written."""

    def __init__(self, changes: Sequence[int]) -> None:
        super().__init__(f"Conditions failed at changes {list(changes)}.")
        self.changes = tuple(changes)
        """The indexes of the changes whose conditions failed."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def event_log() -> "EventLog":
    """Return the function's one instance."""
    return EventLog()


class Appended(Struct, frozen=True):
    """The decision in the event log after an append: this one, or the one that was taken before it."""

    event: Event[Fact]
    is_new: bool

    def is_repeated_by(self, event: Event[Any]) -> bool:
        """Return whether this very event had led to the decision before."""
        return not self.is_new and self.event.cause.id == event.id


class EventLog(BasePersistenceLayer):
    """The append-only log of all decisions."""

    def __init__(self, clock: Callable[[], datetime] = _utc_now, *, retries: Retries | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self._clock = clock
        self._retries = retries

    def append(
        self,
        fact: PublishedFact,
        *,
        cause: Cause,
        changes: Sequence[Change] = (),
        instead_of: type[PublishedFact] | None = None,
    ) -> Appended:
        """Write the decision together with its changes, unless it was taken before.

        Without changes it is a conditional put, at half the price of a transaction
        (docs/decisions/0042-an-event-alone-decides.md). `instead_of` names a fact of the same owner whose
        decision this one takes, so that the two exclude each other.

        Raises:
            RefusedError: a change's condition failed, and nothing was written.
            UnreadableFactError: no consumer could read the fact; nothing was written.
            ClientError: the outcome is unknown; retrying is safe.
        """
        decision = instead_of.decision if instead_of else fact.decision_key
        event = codec.event_of(fact, cause=cause, time=self._clock(), decision=decision)
        row = {**_key(fact.aggregate, fact.owner, decision), **texts(event=codec.write(event))}
        earlier = self._write(row, changes) if changes else self._put(row)
        return Appended(earlier or event, is_new=earlier is None)

    def recorded(self, aggregate: str, decision: Decision) -> Event[Fact] | None:
        """Return the event of a decision on an aggregate; None if there is none."""
        return _read(_key(aggregate, *decision))

    def history(self, aggregate: str, decisions: Sequence[Decision]) -> list[Event[Fact]]:
        """Return the events of these decisions on an aggregate, oldest first, in one request."""
        return self.histories([aggregate], decisions)[aggregate]

    def histories(
        self, aggregates: Sequence[str], decisions: Sequence[Decision]
    ) -> dict[str, list[Event[Fact]]]:
        """Return the events of these decisions by aggregate, oldest first, in a request for 100 of them."""
        table = required("EVENT_LOG_TABLE")
        found: dict[str, list[Event[Fact]]] = {aggregate: [] for aggregate in aggregates}
        keys = [_key(aggregate, *decision) for aggregate in found for decision in decisions]
        for start in range(0, len(keys), MAXIMUM_KEYS):
            part = keys[start : start + MAXIMUM_KEYS]
            response = dynamodb().batch_get_item(RequestItems={table: {"Keys": part, "ConsistentRead": True}})
            for item in whole(response)[table]:
                event = codec.read(item["event"]["S"])
                found[event.subject].append(event)
        return {each: sorted(events, key=lambda event: event.time) for each, events in found.items()}

    def _put(self, row: Item) -> Event[Fact] | None:
        """Put the row; return the decision that was taken before, if any, without a further request."""
        try:
            self._run(lambda: dynamodb().put_item(**_put_if_absent(row)))
        except dynamodb().exceptions.ConditionalCheckFailedException as error:
            return codec.read(cast("dict[str, Any]", error.response)["Item"]["event"]["S"])
        return None

    def _write(self, row: Item, changes: Sequence[Change]) -> Event[Fact] | None:
        """Write the row with its changes in one transaction; return as `_put` does."""
        items = _typed([{"Put": _put_if_absent(row)}, *changes])
        try:
            self._run(lambda: dynamodb().transact_write_items(TransactItems=items))
        except ClientError as error:
            return self._earlier(row, error)
        return None

    def _run(self, call: Callable[[], object]) -> None:
        (self._retries or retries()).run(call)

    def _earlier(self, row: Item, error: ClientError) -> Event[Fact]:
        """Return the decision that was taken before, if that is why the transaction was cancelled."""
        reasons = cancellation_reasons(error)
        failed = [index for index, reason in enumerate(reasons) if reason == CONDITION_FAILED]
        if 0 in failed:
            earlier = _read({"pk": row["pk"], "sk": row["sk"]})
            if earlier is not None:
                return earlier
        elif failed and set(reasons) <= {"None", CONDITION_FAILED}:
            raise RefusedError([index - 1 for index in failed if index > 0]) from error
        raise error

    # The interface to Powertools: https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/

    def _put_record(self, data_record: DataRecord) -> None:
        """Write nothing: the decision's own row is the record."""

    def _update_record(self, data_record: DataRecord) -> None:
        """Write nothing: the decision's transaction has completed the record."""

    def _delete_record(self, data_record: DataRecord) -> None:
        """Delete nothing: a failed reaction has left no record."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Raise always; Powertools asks only after a conflict in `_put_record`."""
        raise IdempotencyItemNotFoundError(idempotency_key)


def _read(key: Item) -> Event[Fact] | None:
    response = dynamodb().get_item(TableName=required("EVENT_LOG_TABLE"), Key=key, ConsistentRead=True)
    return codec.read(response["Item"]["event"]["S"]) if "Item" in response else None


def _put_if_absent(row: Item) -> "PutTypeDef":
    return {
        "TableName": required("EVENT_LOG_TABLE"),
        "Item": row,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _key(aggregate: str, owner: str, decision: str) -> dict[str, dict[str, str]]:
    return texts(pk=f"{owner}#{aggregate}", sk=decision)


def _typed(changes: Sequence[Change]) -> Sequence["TransactWriteItemTypeDef"]:
    """Return the changes as the type that the client expects."""
    return [{**change} for change in changes]  # type: ignore[typeddict-item]  # checked by botocore


def whole(response: "BatchGetItemOutputTypeDef") -> Mapping[str, Sequence[Item]]:
    """Return all items of a batch; raise `PartialReadError` if some are missing."""
    if response["UnprocessedKeys"]:
        raise PartialReadError("DynamoDB returned only part of a batch; retry.")
    return response["Responses"]
