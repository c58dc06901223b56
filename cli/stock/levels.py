"""The stock as an operator sees it, and deliveries to it: through the ingress bus, as any warehouse's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.stock.delivery_note import NoteLine
from functions.contracts.inventory import StockAdded
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Event, origin
from functions.shared.runtime.event_batches import batched, entry_size
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

INVENTORY, STOCK = "inventory", "stock"


class NotTakenError(Exception):
    """EventBridge did not take a delivery; to send it again is safe."""


@dataclass(slots=True, kw_only=True)
class Article:
    """What is for sale of one article, in all of its rows."""

    sku: str
    available: int = 0
    rows: int = 0
    reorder_level: int | None = None
    replenishments: int = 0
    """How often something was added."""

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


def articles(dynamodb: "DynamoDBClient", names: Names) -> dict[str, Article]:
    """Every article there is stock of, by its name; it reads the whole table."""
    found: dict[str, Article] = {}
    for item in _stock(dynamodb, names):
        sku = item["sku"]["S"].partition("#")[0]  # a hot article's further rows (docs/decisions/0021)
        article = found.setdefault(sku, Article(sku=sku))
        article.rows += 1
        article.available += int(item["available"]["N"]) if "available" in item else 0
        article.replenishments += int(item["replenishments"]["N"]) if "replenishments" in item else 0
        if "reorder_level" in item:
            article.reorder_level = int(item["reorder_level"]["N"])
    return dict(sorted(found.items()))


def added_before(
    dynamodb: "DynamoDBClient", names: Names, deliveries: Iterable[StockReplenished]
) -> dict[str, StockAdded]:
    """What these deliveries' ids stand for already, by id."""
    found = {}
    for delivery in deliveries:
        key = {
            "pk": {"S": f"{INVENTORY}#{delivery.replenishment_id}"},
            "sk": {"S": StockAdded.decision},
        }
        answer = dynamodb.get_item(TableName=names.event_log, Key=key, ConsistentRead=True)
        if "Item" in answer:
            fact = codec.read(answer["Item"]["event"]["S"]).fact
            if isinstance(fact, StockAdded):
                found[delivery.replenishment_id] = fact
    return found


def deliver(
    events: "EventBridgeClient", names: Names, deliveries: Sequence[StockReplenished], *, now: datetime
) -> None:
    """Put the deliveries on the ingress bus; raises `NotTakenError` unless it takes every one."""
    for entries in batched([_entry(delivery, names, now) for delivery in deliveries], entry_size):
        answer = events.put_events(Entries=entries)
        failed = [entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry]
        if failed:
            raise NotTakenError(f"the ingress bus did not take {len(failed)} deliveries: {failed[0]}")


def set_levels(dynamodb: "DynamoDBClient", names: Names, note: Iterable[NoteLine]) -> int:
    """Write the reorder levels that the note has; answers how many. A level is a setting, and no fact."""
    wanted = [line for line in note if line.reorder_level is not None]
    for line in wanted:
        dynamodb.update_item(
            TableName=names.table(INVENTORY, STOCK),
            Key={"sku": {"S": line.sku}},
            UpdateExpression="SET reorder_level = :level",
            ExpressionAttributeValues={":level": {"N": str(line.reorder_level)}},
        )
    return len(wanted)


def _entry(delivery: StockReplenished, names: Names, now: datetime) -> "PutEventsRequestEntryTypeDef":
    cause = origin(f"delivery|{delivery.replenishment_id}")
    event = Event(id=cause.id, subject=delivery.replenishment_id, time=now, cause=cause, fact=delivery)
    return {
        "EventBusName": names.ingress_bus,
        "Source": delivery.owner,
        "DetailType": type(delivery).__name__,
        "Detail": codec.write(event),
    }


def _stock(dynamodb: "DynamoDBClient", names: Names) -> Iterator[Mapping[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=names.table(INVENTORY, STOCK), ConsistentRead=True
    )
    for page in pages:
        yield from page["Items"]
