"""The rows of a batch, written together when its last message is done."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from functions.shared.contracts.envelope import Event
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.views.store import ReadModel, Tables, ViewRow

ATTEMPTS = 2
"""Requests for rows that DynamoDB does not process at once."""


class UnwrittenRowError(RuntimeError):
    """DynamoDB did not process the row; retrying is safe."""


@cache
def rows_of_batch() -> "RowsOfBatch":
    """Return the function's one instance."""
    return RowsOfBatch()


class RowsOfBatch(BasePersistenceLayer):
    """A Powertools persistence layer without records: a repeated event writes the same row again."""

    _event: Event[Any]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self._rows: dict[str, ViewRow] = {}

    @property
    def model(self) -> ReadModel:
        """The tables of this deployment."""
        tables = Tables(listings=required("LISTINGS_TABLE"), sales=required("SALES_TABLE"))
        return ReadModel(dynamodb(), tables, sales_shards=int(required("SALES_SHARDS")))

    def begin(self, events: Sequence[Event[Any]], /) -> None:  # noqa: ARG002 - nothing is read
        """Forget the batch before."""
        self._rows = {}

    def take(self, event: Event[Any], /) -> None:
        """React to this event next."""
        self._event = event

    def add(self, row: ViewRow) -> None:
        """Write this row for the event at hand when the batch ends."""
        self._rows[self._event.identity] = row

    def settle(self) -> Mapping[str, Exception]:
        """Write the rows; return the error of each event whose row is not written."""
        left = [*self._rows.values()]
        try:
            for _ in range(ATTEMPTS):
                left = self.model.write(left) if left else left
        except Exception as error:  # noqa: BLE001 - after any error the messages come again
            return dict.fromkeys(self._rows, error)
        unwritten = UnwrittenRowError("DynamoDB did not process the row; retry.")
        return {event_id: unwritten for event_id, row in self._rows.items() if row in left}

    def _put_record(self, data_record: DataRecord) -> None:
        """Write nothing: the event's own row is the record."""

    def _update_record(self, data_record: DataRecord) -> None:
        """Write nothing, as above."""

    def _delete_record(self, data_record: DataRecord) -> None:
        """Delete nothing, as above."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Raise always; Powertools asks only after a conflict in `_put_record`."""
        raise IdempotencyItemNotFoundError(idempotency_key)
