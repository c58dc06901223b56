"""Stock levels: publish that a SKU ran low, once per replenishment.

The stream of the stock table reports each change. The transaction of an order only knows that there was
enough; asking how much is left would cost each order a read.
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


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Publish low stock; return the first record that failed, so Lambda retries from there.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    check_batch("aws:dynamodb", event, identifier="eventID")
    retries().serve(context, telemetry)
    telemetry.count("ChangesReceived", len(event["Records"]))
    checked: set[str] = set()
    for record in event["Records"]:
        change = record["dynamodb"]
        cause = origin(f"stream|{record['eventID']}")
        try:
            _check(change, cause, checked)
        except Exception as failure:  # noqa: BLE001 - report any failure; earlier records are done
            telemetry.count("LevelsFailed")
            telemetry.count_of_version("VersionBatchFailed")
            log_context = LogContext.of_cause(cause)
            telemetry.logger.warning(
                "level not judged", error_class=type(failure).__name__, **log_context.as_fields()
            )
            return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _check(change: Record, cause: Cause, checked: set[str]) -> None:
    """Check one change; read the rows of a hot SKU once per batch, since no single row has its level."""
    row = change["Keys"]["sku"]["S"]
    sku = shards.sku_of(row)
    if sku not in store.hot_skus():
        before, now = (store.level_of([change.get(image, {})]) for image in ("OldImage", "NewImage"))
        _publish(domain.ran_low(sku, before, now), cause)
    elif sku not in checked:
        checked.add(sku)
        ran_low = _ran_low(sku)
        if not (ran_low and store.is_published(ran_low)):
            _publish(ran_low, cause)


def _ran_low(sku: str) -> StockRanLow | None:
    """Return whether a hot SKU ran low; confirm it with a consistent read of all rows."""

    def judge(rows: Mapping[str, Item]) -> StockRanLow | None:
        return domain.ran_low(sku, None, store.level_of(rows.values()))

    return judge(store.read_rows(sku)) and judge(store.snapshot_rows(sku))


def _publish(ran_low: StockRanLow | None, cause: Cause) -> None:
    if ran_low is not None:
        store.commit_shortage(ran_low, cause=cause)
        telemetry.count("RanLow")
