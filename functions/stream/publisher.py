"""PutRecords in waves, with every record's result checked.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from collections.abc import Sequence

import msgspec

from functions.shared.runtime.clients import MAXIMUM_CALL_MS, kinesis
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required
from functions.stream.records import OrderedRecord, waves


class StreamedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The number of records put, and the first one that has to come again."""

    put: int
    failed: OrderedRecord | None = None


def put_in_order(records: Sequence[OrderedRecord]) -> StreamedBatch:
    """Put the records; stop after a wave with a failure, or before one for which no time is left.

    The records behind the first failure come again: a consumer sees some twice, and none too early.
    """
    done: set[str] = set()
    for wave in waves(records):
        if not deadline().allows(MAXIMUM_CALL_MS):
            break
        accepted = _put(wave)
        done.update(record.sequence_number for record in accepted)
        if len(accepted) < len(wave):
            break
    failed = next((record for record in records if record.sequence_number not in done), None)
    return StreamedBatch(put=len(done), failed=failed)


def _put(wave: Sequence[OrderedRecord]) -> list[OrderedRecord]:
    """Send one request; return the records that the stream accepted."""
    entries = [{"Data": record.document.encode(), "PartitionKey": record.key} for record in wave]
    response = kinesis().put_records(StreamName=required("ORDERED_STREAM"), Records=entries)
    # HTTP reports a partial failure as success: check each record.
    return [
        record for record, result in zip(wave, response["Records"], strict=True) if "ErrorCode" not in result
    ]
