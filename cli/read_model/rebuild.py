"""Rebuilding the read model from the event log, with the projection that the views service itself runs.

It may run while events arrive. Every row is a pure function of facts, written the same by whoever writes it;
and a row that is emptied here belongs to facts that are in the log by then, which is read from there on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from cli.core.backoff import tries
from functions.contracts.order_fact import OrderFact
from functions.shared.contracts.codec import Rejected, UnknownFactError, read
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.views.domain import MARKS, Total, totals
from functions.views.projection import project
from functions.views.store import MAXIMUM_BATCH, ReadModel, Tables, sale_of
from infrastructure.names import Names
from infrastructure.tables import Table
from infrastructure.topology import SERVICES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VIEWS = "views"
PAGE = 500
"""Rows read at a time; after each page it is said how far the work has come."""


@dataclass(slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild has done so far."""

    removed: int = 0
    read: int = 0
    projected: int = 0
    unreadable: list[str] = field(default_factory=list)
    """The log's rows that no version of a fact known here can read."""

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


def rebuild(dynamodb: "DynamoDBClient", names: Names, said: Callable[[Rebuilt], None]) -> Rebuilt:
    """Empty the read model's tables and fill them from the log; running it again is safe at any time."""
    done = Rebuilt()
    for table in _tables():
        for removed in _emptied(dynamodb, names.table(VIEWS, table.name), table):
            done.removed += removed
            said(done)
    model = ReadModel(dynamodb, _named(names))
    for page in _pages(dynamodb, names.event_log):
        for row in page:
            _take(row, model, done)
        said(done)
    return done


def sales_on(dynamodb: "DynamoDBClient", names: Names, day: str) -> list[Total]:
    """What was shipped on the day, by article and currency."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=_named(names).sales,
        KeyConditionExpression="#day = :day",
        ExpressionAttributeNames={"#day": "day"},
        ExpressionAttributeValues={":day": {"S": day}},
    )
    return totals(sale_of(item) for page in pages for item in page["Items"])


def _take(row: Mapping[str, Any], model: ReadModel, done: Rebuilt) -> None:
    done.read += 1
    try:
        event = read(row["event"]["S"])
    except UnknownFactError:
        return  # of a newer version of ours, whose views will know it
    except (KeyError, Rejected):
        done.unreadable.append(f"{row['pk']['S']} {row['sk']['S']}")
        return
    if _is_projected(event):
        project(event, model)
        done.projected += 1


def _is_projected(event: Event[Fact]) -> TypeGuard[Event[OrderFact]]:
    return type(event.fact) in MARKS


def _emptied(dynamodb: "DynamoDBClient", name: str, table: Table) -> Iterator[int]:
    """Delete every row; yields how many at a time."""
    keys = [table.partition_key, *([table.sort_key] if table.sort_key else [])]
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=name,
        ProjectionExpression=", ".join(f"#{key}" for key in keys),
        ExpressionAttributeNames={f"#{key}": key for key in keys},
        ConsistentRead=True,
        PaginationConfig={"PageSize": MAXIMUM_BATCH},
    )
    for page in pages:
        pending: Any = {name: [{"DeleteRequest": {"Key": item}} for item in page["Items"]]}
        for _ in tries():
            if not pending.get(name):
                break
            pending = dynamodb.batch_write_item(RequestItems=pending)["UnprocessedItems"]
        yield len(page["Items"])


def _pages(dynamodb: "DynamoDBClient", log: str) -> Iterator[list[dict[str, Any]]]:
    """The log, page by page.

    Read consistently: a fact that was projected just before its row was emptied must not be missed.
    """
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=log, ConsistentRead=True, PaginationConfig={"PageSize": PAGE}
    )
    for page in pages:
        yield page["Items"]


def _tables() -> tuple[Table, ...]:
    return next(service.tables for service in SERVICES if service.name == VIEWS)


def _named(names: Names) -> Tables:
    return Tables(**{table.name: names.table(VIEWS, table.name) for table in _tables()})
