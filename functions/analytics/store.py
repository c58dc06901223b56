"""The table of figures: a row per minute, and a checkpoint per shard.

A batch is one transaction: the checkpoint, on condition that it is unchanged, and the additions to minutes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from functions.analytics.checkpoint import Checkpoint, CountedBatch
from functions.analytics.figures import Figures
from functions.contracts.orders import OrderCreated
from functions.shared.contracts.codec import read_envelope

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CHECKPOINT = "checkpoint"
"""The scope of checkpoints; that of minutes is their hour."""
_HOUR_CHARACTERS = len("2026-11-28T21")


class CountedElsewhereError(Exception):
    """Another invocation has moved the checkpoint: read it again."""


class FigureTable(msgspec.Struct, frozen=True):
    """Access to the table, and to the creation of orders in the event log."""

    dynamodb: "DynamoDBClient"
    table: str
    event_log: str

    def checkpoint(self, shard: str) -> Checkpoint | None:
        """Return a shard's checkpoint; None if nothing of it was counted."""
        key = {"scope": {"S": CHECKPOINT}, "position": {"S": shard}}
        response = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        row = response.get("Item")
        if row is None:
            return None
        newest = datetime.fromisoformat(row["newest"]["S"])
        return Checkpoint(int(row["sequence"]["N"]), bytes(row["recent"]["B"]), newest)

    def commit(self, shard: str, before: Checkpoint | None, addition: CountedBatch) -> None:
        """Write the checkpoint and add the figures, or neither."""
        items: Any = [self._put_checkpoint(shard, before, addition.checkpoint)]
        items += [{"Update": self._add(minute, figures)} for minute, figures in addition.minutes.items()]
        try:
            self.dynamodb.transact_write_items(TransactItems=items)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons") or [{}]
            if reasons[0].get("Code") != "ConditionalCheckFailed":
                raise
            raise CountedElsewhereError(shard) from error

    def creation_times(self, orders: Iterable[str]) -> dict[str, datetime]:
        """Return when these orders were created; at most a hundred."""
        keys: Any = [
            {"pk": {"S": f"{OrderCreated.owner}#{order}"}, "sk": {"S": OrderCreated.decision}}
            for order in dict.fromkeys(orders)
        ]
        found: dict[str, datetime] = {}
        while keys:
            response = self.dynamodb.batch_get_item(
                RequestItems={self.event_log: {"Keys": keys, "ConsistentRead": True}}
            )
            for row in response["Responses"].get(self.event_log, []):
                envelope = read_envelope(row["event"]["S"])
                found[envelope.subject] = envelope.timestamp
            left = response["UnprocessedKeys"]
            keys = left[self.event_log]["Keys"] if self.event_log in left else []
        return found

    def _put_checkpoint(self, shard: str, before: Checkpoint | None, after: Checkpoint) -> dict[str, Any]:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(#sequence)"}
        if before is not None:
            condition = {
                "ConditionExpression": "#sequence = :before",
                "ExpressionAttributeValues": {":before": {"N": str(before.sequence)}},
            }
        item = {
            "scope": {"S": CHECKPOINT},
            "position": {"S": shard},
            "sequence": {"N": str(after.sequence)},
            "recent": {"B": after.recent},
            "newest": {"S": after.newest.isoformat()},
        }
        names = {"ExpressionAttributeNames": {"#sequence": "sequence"}}
        return {"Put": {"TableName": self.table, "Item": item, **names, **condition}}

    def _add(self, minute: str, figures: Figures) -> dict[str, Any]:
        numbered = list(enumerate(figures.items()))
        return {
            "TableName": self.table,
            "Key": {"scope": {"S": minute[:_HOUR_CHARACTERS]}, "position": {"S": minute}},
            "UpdateExpression": "ADD " + ", ".join(f"#{n} :{n}" for n, _ in numbered),
            "ExpressionAttributeNames": {f"#{n}": name for n, (name, _) in numbered},
            "ExpressionAttributeValues": {f":{n}": {"N": str(value)} for n, (_, value) in numbered},
        }
