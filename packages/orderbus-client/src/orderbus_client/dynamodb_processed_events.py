"""A store of processed events in a DynamoDB table, for consumers with many workers."""

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from orderbus_client.processed_events import Claim, ClaimLostError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_SECONDS = 30 * 86_400
"""Longer than a message can travel: SQS keeps one for at most 14 days, and its dead-letter queue as long."""
_FREE = "attribute_not_exists(event_key) OR expires_at < :now OR (is_done = :no AND lease_until < :now)"


class DynamoDbProcessedEvents:
    """A table with the partition key `event_key` (text) and time to live on `expires_at`.

    The role needs PutItem, UpdateItem and DeleteItem on it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """

    def __init__(
        self,
        table: str,
        *,
        lease_seconds: int,
        client: "DynamoDBClient | None" = None,
        keep_seconds: int = KEEP_SECONDS,
    ) -> None:
        """Choose a lease longer than a reaction, and the visibility timeout longer than the lease."""
        self._table = table
        self._lease_seconds = lease_seconds
        self._keep_seconds = keep_seconds
        self._client = client or boto3.client("dynamodb")
        self._token = str(uuid.uuid4())

    def claim(self, identity: str) -> Claim:
        """Claim the event with one conditional put."""
        now = int(time.time())
        item: dict[str, Any] = {
            "event_key": {"S": identity},
            "is_done": {"BOOL": False},
            "claimed_by": {"S": self._token},
            "lease_until": {"N": str(now + self._lease_seconds)},
            "expires_at": {"N": str(now + self._keep_seconds)},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_FREE,
                ExpressionAttributeValues={":now": {"N": str(now)}, ":no": {"BOOL": False}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as failed:
            return Claim.DONE if _is_done(failed) else Claim.BUSY
        return Claim.CLAIMED

    def complete(self, identity: str) -> None:
        """Mark the event as done, until its time to live ends."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"event_key": {"S": identity}},
                UpdateExpression="SET is_done = :yes, expires_at = :later",
                ConditionExpression="claimed_by = :me",
                ExpressionAttributeValues={
                    ":yes": {"BOOL": True},
                    ":me": {"S": self._token},
                    ":later": {"N": str(int(time.time()) + self._keep_seconds)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise ClaimLostError(identity) from None

    def release(self, identity: str) -> None:
        """Delete our claim; a claim of somebody else stays."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key={"event_key": {"S": identity}},
                ConditionExpression="claimed_by = :me AND is_done = :no",
                ExpressionAttributeValues={":me": {"S": self._token}, ":no": {"BOOL": False}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _is_done(failed: ClientError) -> bool:
    response: Mapping[str, Any] = failed.response
    item: dict[str, Any] = response.get("Item", {})
    return bool(item.get("is_done", {}).get("BOOL"))
