"""One decision is one transaction: a state change and the fact it leads to, written together or not at all.

The row in the event log is four things at once: the de-duplication (its key names the decision, and it is
put only if absent), the outbox (the table's stream feeds the relay), the event store (nothing updates or
deletes it) and the Powertools idempotency record, which is why `EventLog` is a Powertools persistence layer:
"in progress" writes nothing, "completed" is the row itself, and a failure leaves nothing behind.
See docs/decisions/0002-the-event-log-is-the-idempotency-record.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from botocore.exceptions import ClientError

from functions.contracts.registry import DECISIONS
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact, OrderFact, PublishedFact
from functions.shared.event_store.attributes import Item, texts
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, Retries, cancellation_reasons, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchGetItemOutputTypeDef, TransactWriteItemTypeDef

Change = Mapping[str, Any]
"""One write of a transaction, as TransactWriteItems takes it: `{"Update": {…}}`."""


class PartialReadError(RuntimeError):
    """DynamoDB was too busy to answer all of a batch; asking again is safe."""


class RefusedError(Exception):
    """The state changed meanwhile, or never allowed it: nothing was written."""

    def __init__(self, changes: Sequence[int]) -> None:
        super().__init__(f"conditions failed at changes {list(changes)}")
        self.changes = tuple(changes)
        """The indexes of the changes whose conditions failed."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def event_log() -> "EventLog":
    """The function's one instance."""
    return EventLog()


class EventLog(BasePersistenceLayer):
    """The append-only log of every decision."""

    def __init__(
        self, clock: Callable[[], datetime] = _utc_now, *, contention: Retries | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self._clock = clock
        self._contention = contention
        self.repeats = 0
        """How many decisions had been taken before, and for the very cause that led to them again."""

    def append(self, fact: PublishedFact, *, cause: Cause, changes: Sequence[Change] = ()) -> Event[Fact]:
        """The decision, now taken together with its changes; or the one that was taken before.

        Raises:
            RefusedError: a change's condition failed, and nothing was written.
            UnreadableFactError: no consumer could read the fact; nothing was written.
            ClientError: AWS could not say; asking again is safe.
        """
        event = codec.stated(fact, cause=cause, time=self._clock())
        try:
            self._write([_put(event), *_typed(changes)])
        except ClientError as error:
            return self._settled(event, error)
        return event

    def recorded(self, aggregate: str, decision: tuple[str, str]) -> Event[Fact] | None:
        """What was decided on that order, or whatever it is, under (owner, decision), if anything was."""
        answer = dynamodb().get_item(
            TableName=required("EVENT_LOG_TABLE"), Key=_key(aggregate, *decision), ConsistentRead=True
        )
        return codec.read(answer["Item"]["event"]["S"]) if "Item" in answer else None

    def history(self, order_id: str) -> list[Event[Fact]]:
        """All that was ever decided on the order, by anyone, the oldest first; one request."""
        table = required("EVENT_LOG_TABLE")
        keys = [_key(order_id, *decision) for decision in DECISIONS]
        answer = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        events = [codec.read(item["event"]["S"]) for item in whole(answer)[table]]
        return sorted(events, key=lambda event: event.time)

    def _write(self, items: Sequence["TransactWriteItemTypeDef"]) -> None:
        met = self._contention or retries()
        met.run(lambda: dynamodb().transact_write_items(TransactItems=items))

    def _settled(self, event: Event[PublishedFact], error: ClientError) -> Event[Fact]:
        """What a cancelled transaction means: decided before, refused by a condition, or unknown."""
        reasons = cancellation_reasons(error)
        failed = [index for index, reason in enumerate(reasons) if reason == CONDITION_FAILED]
        if 0 in failed:
            fact = event.fact
            decided = self.recorded(fact.aggregate, (fact.owner, fact.decision_key))
            if decided is not None:
                self.repeats += decided.cause.id == event.cause.id
                return decided
        elif failed and set(reasons) <= {"None", CONDITION_FAILED}:
            raise RefusedError([index - 1 for index in failed if index > 0]) from error
        raise error

    # The seam to Powertools: https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/

    def _put_record(self, data_record: DataRecord) -> None:
        """Nothing is written before the decision is."""

    def _update_record(self, data_record: DataRecord) -> None:
        """The decision's own transaction has completed it."""

    def _delete_record(self, data_record: DataRecord) -> None:
        """A reaction that failed has left nothing to delete."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Never asked, since `_put_record` never finds another's record in its way."""
        raise IdempotencyItemNotFoundError(idempotency_key)


def undecided(order_id: str, fact: type[OrderFact]) -> Change:
    """A condition of a transaction: that decision on the order has not been taken, whoever takes it.

    DynamoDB's transactions are serializable: of two that each state one decision and check the other, one
    commits. It checks and writes nothing, so that it asks for less than the right to decide.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    """
    return {
        "ConditionCheck": {
            "TableName": required("EVENT_LOG_TABLE"),
            "Key": _key(order_id, fact.owner, fact.decision),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def _put(event: Event[PublishedFact]) -> "TransactWriteItemTypeDef":
    fact = event.fact
    row = {
        **_key(fact.aggregate, fact.owner, fact.decision_key),
        **texts(id=event.id, event=codec.write(event)),
    }
    return {
        "Put": {
            "TableName": required("EVENT_LOG_TABLE"),
            "Item": row,
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def _key(aggregate: str, owner: str, decision: str) -> dict[str, dict[str, str]]:
    return texts(pk=f"{owner}#{aggregate}", sk=decision)


def _typed(changes: Sequence[Change]) -> Sequence["TransactWriteItemTypeDef"]:
    """The same changes, under the name the client's types know them by."""
    return [{**change} for change in changes]  # type: ignore[typeddict-item]  # checked by botocore


def whole(answer: "BatchGetItemOutputTypeDef") -> Mapping[str, Sequence[Item]]:
    """The answer's items, if it has all of them; a part of an order's history would be a lie about it."""
    if answer["UnprocessedKeys"]:
        raise PartialReadError("DynamoDB answered only part of a batch")
    return answer["Responses"]
