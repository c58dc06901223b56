"""Rebuild the read model from the event log, with the projection of the views service.

Events may arrive meanwhile. Every row is a pure function of facts, so both writers write the same row. A row
is deleted before the log is read, and its facts are in the log by then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from cli.core.backoff import attempts
from functions.contracts.order_fact import OrderFact
from functions.shared.contracts.codec import Rejected, UnknownFactError, read
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.views.projection import PROJECTED, row_of
from functions.views.store import ReadModel, Tables, ViewRow
from infrastructure.names import Names
from infrastructure.tables import Table
from infrastructure.topology import SERVICES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VIEWS = "views"
MAXIMUM_BATCH = 25
"""Rows that one BatchWriteItem deletes."""
PAGE_SIZE = 500
"""Rows of the event log per request; each page is followed by a progress report."""


@dataclass(slots=True, kw_only=True)
class RebuildProgress:
    """The progress of a rebuild."""

    removed: int = 0
    read: int = 0
    projected: int = 0
    unreadable: list[str] = field(default_factory=list)
    """The keys of the log's rows that contain no readable fact."""

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


def rebuild(
    dynamodb: "DynamoDBClient", names: Names, report: Callable[[RebuildProgress], None]
) -> RebuildProgress:
    """Empty the read model's tables and fill them from the log; it is safe to repeat at any time."""
    done = RebuildProgress()
    for table in _tables():
        for removed in _delete_rows(dynamodb, names.table(VIEWS, table.name), table):
            done.removed += removed
            report(done)
    model = ReadModel(dynamodb, view_tables(names))
    for page in _pages(dynamodb, names.event_log):
        rows = [row for each in page if (row := _projected(each, model, done))]
        _write(rows, model)
        done.projected += len(rows)
        report(done)
    return done


def _projected(row: Mapping[str, Any], model: ReadModel, done: RebuildProgress) -> ViewRow | None:
    """Return the row of the read model for a row of the log, if it has one."""
    done.read += 1
    try:
        event = read(row["event"]["S"])
    except UnknownFactError:
        return None  # a fact of a newer version of Orderbus, for its own views
    except (KeyError, Rejected):
        done.unreadable.append(f"{row['pk']['S']} {row['sk']['S']}")
        return None
    return row_of(event, model) if _is_projected(event) else None


def _write(rows: list[ViewRow], model: ReadModel) -> None:
    if not rows:
        return
    for _ in attempts():
        rows = model.write(rows)
        if not rows:
            break


def _is_projected(event: Event[Fact]) -> TypeGuard[Event[OrderFact]]:
    return type(event.fact) in PROJECTED


def _delete_rows(dynamodb: "DynamoDBClient", name: str, table: Table) -> Iterator[int]:
    """Delete every row, and yield the number of each page."""
    keys = [table.partition_key, *([table.sort_key] if table.sort_key else [])]
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=name,
        ProjectionExpression=", ".join(f"#{key}" for key in keys),
        ExpressionAttributeNames={f"#{key}": key for key in keys},
        ConsistentRead=True,
        PaginationConfig={"PageSize": MAXIMUM_BATCH},
    )
    for page in pages:
        if page["Items"]:
            _delete(dynamodb, {name: [{"DeleteRequest": {"Key": item}} for item in page["Items"]]})
        yield len(page["Items"])


def _delete(dynamodb: "DynamoDBClient", requests: Mapping[str, Any]) -> None:
    pending: Any = requests
    for _ in attempts():
        pending = dynamodb.batch_write_item(RequestItems=pending)["UnprocessedItems"]
        if not pending:
            break


def _pages(dynamodb: "DynamoDBClient", log: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of the log, read consistently.

    An eventually consistent read could miss a fact that was projected just before its row was deleted.
    """
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=log, ConsistentRead=True, PaginationConfig={"PageSize": PAGE_SIZE}
    )
    for page in pages:
        yield page["Items"]


def _tables() -> tuple[Table, ...]:
    return next(service.tables for service in SERVICES if service.name == VIEWS)


def view_tables(names: Names) -> Tables:
    """Return the names of the read model's tables."""
    return Tables(**{table.name: names.table(VIEWS, table.name) for table in _tables()})
