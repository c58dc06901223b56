"""Deliveries to the warehouse, published on the ingress bus like those of any other source."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cli.core.account import Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.stock.levels import INVENTORY
from functions.contracts.inventory import StockAdded
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Event, origin
from functions.shared.runtime.event_batches import batched, entry_size
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


def added_stock(
    dynamodb: "DynamoDBClient", names: Names, deliveries: Iterable[StockReplenished]
) -> dict[str, StockAdded]:
    """Return what inventory added for these deliveries, by replenishment id."""
    found = {}
    for delivery in deliveries:
        key = {
            "pk": {"S": f"{INVENTORY}#{delivery.replenishment_id}"},
            "sk": {"S": StockAdded.decision},
        }
        response = dynamodb.get_item(TableName=names.event_log, Key=key, ConsistentRead=True)
        if "Item" in response:
            fact = codec.read(response["Item"]["event"]["S"]).fact
            if isinstance(fact, StockAdded):
                found[delivery.replenishment_id] = fact
    return found


def publish(account: Account, deliveries: Sequence[StockReplenished], *, now: datetime, hint: str) -> None:
    """Put the deliveries on the ingress bus; raise CommandError if it rejects any."""
    events = account.client("events")
    for entries in batched([_entry(each, account.names, now) for each in deliveries], entry_size):
        with aws_errors(hint=hint):
            response = events.put_events(Entries=entries)
        failed = [entry["ErrorCode"] for entry in response["Entries"] if "ErrorCode" in entry]
        if failed:
            raise CommandError(
                f"The ingress bus rejected {len(failed)} of {len(entries)} deliveries: {failed[0]}.",
                hint=hint,
                code=ExitCode.AWS_REFUSED,
            )


def _entry(delivery: StockReplenished, names: Names, now: datetime) -> "PutEventsRequestEntryTypeDef":
    cause = origin(f"delivery|{delivery.replenishment_id}")
    event = Event(
        id=cause.id,
        subject=delivery.replenishment_id,
        time=now,
        cause=cause,
        fact=delivery,
        major=delivery.version,
    )
    return {
        "EventBusName": names.ingress_bus,
        "Source": delivery.owner,
        "DetailType": type(delivery).__name__,
        "Detail": codec.write(event),
    }
