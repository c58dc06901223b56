"""Throughput limits of a shard, in virtual time.

https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
"""

from collections import deque
from datetime import datetime, timedelta

MIB = 1024 * 1024
WRITE_BYTES_PER_SECOND = MIB
WRITE_RECORDS_PER_SECOND = 1_000
READ_BYTES_PER_SECOND = 2 * MIB
READS_PER_SECOND = 5
BURST_BYTES = 10 * MIB
"""A shard takes one large record at once, and then pays for it at its rate.
https://docs.aws.amazon.com/streams/latest/dev/large-records.html"""
_SECOND = timedelta(seconds=1)


class WriteRate:
    """A thousand records and one mebibyte per second; a large record empties the shard's burst capacity."""

    def __init__(self) -> None:
        self._second: datetime | None = None
        self._records = self._bytes = 0
        self._busy_until: datetime | None = None

    def allows(self, size: int, now: datetime) -> bool:
        """Return whether a record of this size fits, and count it."""
        self._restart(now)
        if self._busy_until is not None and now < self._busy_until:
            return False
        is_large = size > WRITE_BYTES_PER_SECOND
        total = self._bytes + (0 if is_large else size)
        if self._records >= WRITE_RECORDS_PER_SECOND or total > WRITE_BYTES_PER_SECOND:
            return False
        if is_large:
            self._busy_until = now + _SECOND * (size / WRITE_BYTES_PER_SECOND)
        self._records, self._bytes = self._records + 1, total
        return True

    def _restart(self, now: datetime) -> None:
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second, self._records, self._bytes = second, 0, 0


class ReadRate:
    """Five GetRecords per second, and two mebibytes per second on average over the next calls."""

    def __init__(self) -> None:
        self._calls: deque[datetime] = deque(maxlen=READS_PER_SECOND)
        self._busy_until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Return whether one more call may read, and count it."""
        if self._busy_until is not None and now < self._busy_until:
            return False
        if len(self._calls) == READS_PER_SECOND and now - self._calls[0] < _SECOND:
            return False
        self._calls.append(now)
        return True

    def count(self, size: int, now: datetime) -> None:
        """Count the bytes that a call returned: above one second's, the next calls wait."""
        if size > READ_BYTES_PER_SECOND:
            self._busy_until = now + _SECOND * (size / READ_BYTES_PER_SECOND)
