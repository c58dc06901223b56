"""The stock's levels: what has run low is stated, once between two replenishments.

It hears of each change of a row from the stock table's stream. An order's own transaction knows only that
there was enough, and to ask how much is left would cost every order a read.
See docs/decisions/0020-low-stock-is-published-once-per-delivery.md.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.inventory import StockRanLow
from functions.inventory import domain, shards, store
from functions.shared.contracts.envelope import Cause, origin
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.attributes import Item
from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

Record = Mapping[str, Any]

telemetry = telemetry_of("inventory-levels")


@telemetry.tracer.capture_lambda_handler(capture_response=False)
@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """State what has run low; Lambda comes again from the first record for which that could not be done.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    check_batch("aws:dynamodb", event, identifier="eventID")
    retries().serve(context, telemetry)
    telemetry.count("Heard", len(event["Records"]))
    looked_at: set[str] = set()
    for record in event["Records"]:
        change = record["dynamodb"]
        cause = origin(f"stream|{record['eventID']}")
        try:
            _hear(change, cause, looked_at)
        except Exception as failure:  # noqa: BLE001 - whatever it is, what came before it is done
            telemetry.count("LevelsFailed")
            trail = LogContext.of_cause(cause)
            telemetry.logger.warning(
                "level not judged", error_class=type(failure).__name__, **trail.as_fields()
            )
            return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _hear(change: Record, cause: Cause, looked_at: set[str]) -> None:
    """Judge one change; a hot article's rows are looked at once a batch, as no single one tells its level."""
    row = change["Keys"]["sku"]["S"]
    sku = shards.article_of(row)
    if sku not in store.hot_skus():
        before, now = (store.level_of([change.get(image, {})]) for image in ("OldImage", "NewImage"))
        _state(domain.ran_low(sku, before, now), cause)
    elif sku not in looked_at:
        looked_at.add(sku)
        ran_low = _ran_low(sku)
        if not (ran_low and store.is_stated(ran_low)):
            _state(ran_low, cause)


def _ran_low(sku: str) -> StockRanLow | None:
    """Whether a hot article has: what its rows seem to say is proved by how they were at one moment."""

    def by(rows: Mapping[str, Item]) -> StockRanLow | None:
        return domain.ran_low(sku, None, store.level_of(rows.values()))

    return by(store.seen(sku)) and by(store.counted(sku))


def _state(ran_low: StockRanLow | None, cause: Cause) -> None:
    if ran_low is not None:
        store.commit_shortage(ran_low, cause=cause)
        telemetry.count("RanLow")
