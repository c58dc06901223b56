"""The Lambda handler of live analytics: count a batch of one shard exactly once."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.analytics.checkpoint import Checkpoint, CountedEvent, additions, first_checkpoint
from functions.analytics.shards import list_shards
from functions.analytics.store import CountedElsewhereError, FigureTable
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.codec import Rejected, read
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.clients import dynamodb, kinesis
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("analytics")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Count the batch; after an error Lambda sends it again, and what was counted is not counted again."""
    deadline().serve(context)
    check_batch("aws:kinesis", event, identifier="eventID")
    shard = event["Records"][0]["eventID"].partition(":")[0]
    table = FigureTable(dynamodb(), required("ANALYTICS_TABLE"), required("EVENT_LOG_TABLE"))
    records = _counted(event["Records"], table)
    try:
        count(table, shard, records)
    except CountedElsewhereError:
        telemetry.count("CountedElsewhere")
        count(table, shard, records)
    telemetry.count("Handled", len(records))


def count(table: FigureTable, shard: str, records: Sequence[CountedEvent]) -> None:
    """Add what the shard's checkpoint does not have, to the views that are shown."""
    telemetry.count("Received", len(records))
    views = table.views()
    before = table.checkpoint(shard)
    for addition in additions(records, before or _of_parents(table, shard)):
        table.commit(shard, before, addition, views)
        before = addition.checkpoint


def _of_parents(table: FigureTable, shard: str) -> Checkpoint:
    """Return the start of a new shard."""
    listed = list_shards(kinesis(), required("ORDERED_STREAM"))
    parents = listed[shard].parents if shard in listed else ()
    return first_checkpoint([found for name in parents if (found := table.checkpoint(name))])


def _counted(records: Sequence[Mapping[str, Any]], table: FigureTable) -> list[CountedEvent]:
    """Read the records; look up when the orders were created that are shipped now."""
    events = [(int(each["kinesis"]["sequenceNumber"]), _event(each)) for each in records]
    shipped = [event.subject for _, event in events if event and isinstance(event.fact, ShipmentScheduled)]
    created = table.creation_times(shipped)
    return [
        CountedEvent(sequence, event, created.get(event.subject) if event else None)
        for sequence, event in events
    ]


def _event(record: Mapping[str, Any]) -> Event[Fact] | None:
    """Return the event; None if it cannot be read, which is counted, and never can be."""
    try:
        return read(base64.b64decode(record["kinesis"]["data"]))
    except (Rejected, msgspec.DecodeError) as error:
        telemetry.count("Unreadable")
        telemetry.logger.warning("unreadable", event_id=record["eventID"], error_class=type(error).__name__)
        return None
