"""The audit trail: the caller, time and effect of each action. Rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from cli.core.account import Account
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BEGINNING = "beginning"
"""The `entry` of an action itself; other rows have the id of a message."""


class Action(StrEnum):
    """An audited action on dead-lettered messages, on facts of the event log, or on personal data."""

    REDRIVE = "redrive"
    EDIT = "edit"
    PURGE = "purge"
    REPLAY = "replay"
    REPUBLISH = "republish"
    RESTORE = "restore"
    EXPORT = "export"
    ERASE = "erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """The rows of one action: one before it begins, and one per message before its deletion."""

    dynamodb: "DynamoDBClient"
    names: Names
    action_id: str
    action: Action
    by: str
    at: datetime

    @classmethod
    def of(cls, account: Account, action: Action, *, action_id: str, at: datetime) -> Self:
        """Return the trail of an action by the caller of the account."""
        return cls(
            dynamodb=account.client("dynamodb"),
            names=account.names,
            action_id=action_id,
            action=action,
            by=account.caller,
            at=at,
        )

    def begin(self, selected: str, count: int) -> None:
        """Record the action before it begins; an error here prevents it."""
        self.record(BEGINNING, {"selected": selected, "count": str(count)})

    def record(self, entry: str, details: Mapping[str, str]) -> None:
        """Add a row."""
        row = {
            "action_id": self.action_id,
            "entry": entry,
            "action": self.action.value,
            "by": self.by,
            "at": self.at.astimezone(UTC).isoformat(),
            **details,
        }
        self.dynamodb.put_item(
            TableName=self.names.audit,
            Item={name: {"S": value} for name, value in row.items()},
            ConditionExpression="attribute_not_exists(action_id)",
        )


def read_audit_trail(dynamodb: "DynamoDBClient", names: Names) -> list[Mapping[str, str]]:
    """Return all rows, the oldest action first, each with its beginning first."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=names.audit, ConsistentRead=True)
    rows = [{name: value["S"] for name, value in item.items()} for page in pages for item in page["Items"]]
    return sorted(
        rows,
        key=lambda row: (row["at"], row["action_id"], row["entry"] != BEGINNING, row["entry"]),
    )
