"""Compare the tables with the event log, and write what differs: `orderbus restore state`.

Every change is conditional on the row that was compared, so a function that runs after all loses nothing: its
row stays, and the change is counted as overtaken.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.restore.attempts import attempt_of
from cli.restore.log_account import LogAccount, claimed_by, is_open
from cli.restore.stock_rows import corrected
from functions.contracts.orders import OrderCreated
from functions.inventory.shards import sku_of
from functions.orders.waiting import row_of
from functions.shared.event_store.attributes import texts
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = Mapping[str, Any]
STOCK, WAITING, ATTEMPTS, CLAIMS = "stock", "waiting", "attempts", "claims"
KEYS = {
    STOCK: ("sku",),
    WAITING: ("open_in", "open_since"),
    ATTEMPTS: ("order_id",),
    CLAIMS: ("subject",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row to write: before as it was compared, None if it was absent; after, None to delete it."""

    table: str
    before: Row | None
    after: Row | None
    says: str
    """The change for people: `CUP 14 -> 12`."""


@dataclass(slots=True, kw_only=True)
class StatePlan:
    """All changes, and what only a person can resolve."""

    changes: list[RowChange] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Orders that have a payment attempt and no creation in the log: money may have been taken."""
    unexplained: list[str] = field(default_factory=list)
    """SKUs whose facts add up to less than nothing: the log lacks a delivery, so the stock is left alone."""
    unreadable: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left for a person."""
        return not (self.strangers or self.unexplained or self.unreadable)


def plan(dynamodb: "DynamoDBClient", names: Names, now: datetime) -> StatePlan:
    """Read the whole log and the tables; return what differs."""
    account, found = LogAccount(), StatePlan()
    for row in _rows(dynamodb, names.event_log):
        account.take(row)
    found.unreadable = account.unreadable
    tables = {table: list(_rows(dynamodb, names.table("", table))) for table in KEYS}
    found.changes += _stock(account, tables[STOCK], found.unexplained)
    found.changes += _waiting(account, tables[WAITING])
    found.changes += _attempts(account, tables[ATTEMPTS], now)
    found.changes += _claims(account, tables[CLAIMS])
    known = dict(account.created())
    attempted = {row["order_id"]["S"] for row in tables[ATTEMPTS]}
    found.strangers = sorted((attempted | account.orders.keys()) - known.keys())
    return found


def write(dynamodb: "DynamoDBClient", names: Names, changes: list[RowChange]) -> list[str]:
    """Write the changes; return those that were overtaken by a function that runs."""
    overtaken = []
    for change in changes:
        try:
            _write(dynamodb, names.table("", change.table), change)
        except dynamodb.exceptions.ConditionalCheckFailedException:
            overtaken.append(change.says)
    return overtaken


def _stock(account: LogAccount, rows: list[Row], unexplained: list[str]) -> Iterator[RowChange]:
    by_sku: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_sku[sku_of(row["sku"]["S"])][row["sku"]["S"]] = row
    for sku in sorted(by_sku.keys() | account.stock.available.keys()):
        wanted, known = account.stock.available[sku], by_sku[sku]
        units = {name: int(row["available"]["N"]) for name, row in known.items() if "available" in row}
        if wanted < 0 or (sku not in account.stock.replenishments and sum(units.values()) != wanted):
            unexplained.append(sku)
            continue
        for name, now in corrected(sku, units, wanted).items():
            changed = {"sku": {"S": name}, **known.get(name, {}), "available": {"N": str(now)}}
            if name == sku:
                counted = int(known.get(name, {}).get("replenishments", {"N": "0"})["N"])
                most = max(counted, account.stock.replenishments[sku])
                changed["replenishments"] = {"N": str(most)}
            says = f"{name} {units.get(name, 0)} -> {now}"
            yield RowChange(table=STOCK, before=known.get(name), after=changed, says=says)


def _waiting(account: LogAccount, rows: list[Row]) -> Iterator[RowChange]:
    waiting = {row["open_since"]["S"].rpartition("#")[2]: row for row in rows}
    for order_id, events in account.created():
        if is_open(events) and order_id not in waiting:
            at = events[OrderCreated.__name__].time
            yield RowChange(
                table=WAITING, before=None, after=row_of(order_id, at, at), says=f"{order_id} waits again"
            )
    for order_id, row in waiting.items():
        if OrderCreated.__name__ not in account.orders.get(order_id, {}):
            yield RowChange(table=WAITING, before=row, after=None, says=f"{order_id} is in no event")


def _attempts(account: LogAccount, rows: list[Row], now: datetime) -> Iterator[RowChange]:
    known = {row["order_id"]["S"]: row for row in rows}
    for order_id, events in account.created():
        before = known.get(order_id)
        after = attempt_of(events, before, now=now)
        if after is not None and after != before:
            says = f"{order_id} {_status(before)} -> {_status(after)}"
            yield RowChange(table=ATTEMPTS, before=before, after=after, says=says)


def _claims(account: LogAccount, rows: list[Row]) -> Iterator[RowChange]:
    """Claim each order for the service that decided; a claim without a decision stays: it may be repeated."""
    known = {row["subject"]["S"]: row for row in rows}
    for order_id, events in account.orders.items():
        owner = claimed_by(events)
        before = known.get(order_id)
        if owner is not None and (before is None or before["claimed_by"]["S"] != owner):
            after = texts(subject=order_id, claimed_by=owner)
            says = f"{order_id} is claimed by {owner}"
            yield RowChange(table=CLAIMS, before=before, after=after, says=says)


def _status(row: Row | None) -> str:
    if row is None:
        return "absent"
    listed = ", listed" if "open_in" in row else ""
    return f"{row['status']['S']}{listed}"


def _write(dynamodb: "DynamoDBClient", table: str, change: RowChange) -> None:
    key = KEYS[change.table]
    condition = _unchanged(change.before, key[0])
    if change.after is None and change.before is not None:
        dynamodb.delete_item(TableName=table, Key={name: change.before[name] for name in key}, **condition)
    elif change.after is not None:
        dynamodb.put_item(TableName=table, Item=change.after, **condition)


def _unchanged(before: Row | None, key: str) -> dict[str, Any]:
    """Return the condition that the row is as it was compared."""
    if before is None:
        return {"ConditionExpression": f"attribute_not_exists({key})"}
    names = {f"#{number}": name for number, name in enumerate(before)}
    values = {f":{number}": value for number, value in enumerate(before.values())}
    equal = " AND ".join(f"#{number} = :{number}" for number in range(len(before)))
    return {
        "ConditionExpression": equal,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _rows(dynamodb: "DynamoDBClient", table: str) -> Iterator[Row]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]
