"""The table of figures: a row per minute, and a checkpoint per shard.

A batch is one transaction: the checkpoint, on condition that it and the views that are shown are unchanged,
and the additions to minutes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec
from botocore.exceptions import ClientError

from functions.analytics.checkpoint import Checkpoint, CountedBatch
from functions.analytics.items import Items, count_items
from functions.analytics.views import CHECKPOINT, SHOWN, VIEWS, ShownViews, views_of_row
from functions.contracts.orders import OrderCreated
from functions.shared.contracts.codec import read_envelope

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class CountedElsewhereError(Exception):
    """Another invocation has moved the checkpoint: read it again."""


class FigureTable(msgspec.Struct, frozen=True):
    """Access to the table, and to the creation of orders in the event log."""

    dynamodb: "DynamoDBClient"
    table: str
    event_log: str

    def checkpoint(self, shard: str, scope: str = CHECKPOINT) -> Checkpoint | None:
        """Return a shard's checkpoint; None if nothing of it was counted."""
        key = {"scope": {"S": scope}, "position": {"S": shard}}
        response = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        row = response.get("Item")
        if row is None:
            return None
        newest = datetime.fromisoformat(row["newest"]["S"])
        return Checkpoint(int(row["sequence"]["S"]), bytes(row["recent"]["B"]), newest)

    def views(self) -> ShownViews:
        """Return which view shows which minutes."""
        key = {"scope": {"S": VIEWS}, "position": {"S": SHOWN}}
        response = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return views_of_row(response.get("Item"))

    def commit(
        self, shard: str, before: Checkpoint | None, addition: CountedBatch, views: ShownViews
    ) -> None:
        """Write the checkpoint and add the figures, or neither."""
        self.transact(count_items(self.table, shard, before, addition, views))

    def transact(self, items: Items) -> None:
        """Write all items or none; raise CountedElsewhereError if a condition does not hold."""
        try:
            self.dynamodb.transact_write_items(TransactItems=cast("Any", items))
        except ClientError as error:
            reasons = error.response.get("CancellationReasons") or []
            if not any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                raise
            raise CountedElsewhereError from error

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
