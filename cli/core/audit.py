"""The audit trail: what was done to messages, by whom and when. Rows are added, and none is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from cli.dlq.message import DeadLetter
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BEGINNING = "beginning"
"""The entry of an action itself; the others have the ids of letters."""


class Deed(StrEnum):
    """What can be done to dead letters, and to facts of the event log."""

    REDRIVE = "redrive"
    EDIT = "edit"
    PURGE = "purge"
    REPLAY = "replay"
    REPUBLISH = "republish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One command that changes something."""

    id: str
    deed: Deed
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Where an action is written down: that it begins before it does, each letter before it is deleted."""

    dynamodb: "DynamoDBClient"
    names: Names
    action: Action

    def begin(self, selected: str, letters: int) -> None:
        """Note what is about to be done; where that cannot be noted, nothing is done."""
        self._put(BEGINNING, {"selected": selected, "letters": str(letters)})

    def note(self, letter: DeadLetter, *, to: str, difference: str = "") -> None:
        """Note what was done with this letter, and what was changed in it."""
        entry = {
            "to": to,
            "queue": letter.box.arn.rpartition(":")[2],
            "format": letter.format.value,
            "reason": letter.reason,
            "event_id": letter.label.id,
            "fact": letter.label.type,
            "subject": letter.label.subject,
            "schema": letter.label.dataschema,
            "sent_at": letter.sent_at.astimezone(UTC).isoformat(),
        }
        self._put(letter.message_id, {**entry, **({"difference": difference} if difference else {})})

    def _put(self, entry: str, said: Mapping[str, str]) -> None:
        action = self.action
        row = {
            "action_id": action.id,
            "entry": entry,
            "deed": action.deed.value,
            "by": action.by,
            "at": action.at.astimezone(UTC).isoformat(),
            **said,
        }
        self.dynamodb.put_item(
            TableName=self.names.audit,
            Item={name: {"S": value} for name, value in row.items()},
            ConditionExpression="attribute_not_exists(action_id)",
        )


def entries(dynamodb: "DynamoDBClient", names: Names) -> list[Mapping[str, str]]:
    """The whole trail, the latest action last, and in each its beginning first."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=names.audit, ConsistentRead=True)
    found = [{name: value["S"] for name, value in item.items()} for page in pages for item in page["Items"]]
    return sorted(
        found,
        key=lambda each: (each["at"], each["action_id"], each["entry"] != BEGINNING, each["entry"]),
    )
