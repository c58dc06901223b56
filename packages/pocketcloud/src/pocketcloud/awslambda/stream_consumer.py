"""The consumer of a shard's batches: the function of an event source mapping, or a pipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pocketcloud.awslambda.shard_source import StreamedRecord
from pocketcloud.awslambda.tumbling_window import TumblingWindow


class StreamOptions(Protocol):
    """The options for reading a shard; a mapping that moto stores has these attributes."""

    @property
    def enabled(self) -> bool:
        """Whether the shard is polled."""

    @property
    def event_source_arn(self) -> str:
        """The stream."""

    @property
    def batch_size(self) -> int:
        """The most records of a batch."""

    @property
    def max_batch_window(self) -> int | None:
        """Seconds to wait for a full batch."""

    @property
    def filter_criteria(self) -> Mapping[str, Any] | None:
        """The patterns of wanted records."""

    @property
    def bisect_on_error(self) -> bool | None:
        """Whether a failed batch is split in two."""

    @property
    def max_retry_attempts(self) -> int | None:
        """Retries of a batch; none or -1 is without limit."""

    @property
    def max_record_age(self) -> int | None:
        """Seconds after which a record is discarded; none or -1 is never."""

    @property
    def parallelization_factor(self) -> int | None:
        """The lanes in which the shard is read."""


@dataclass(frozen=True, slots=True)
class ConsumedBatch:
    """The result of a batch: the failed records with their reasons, by sequence number."""

    failed: dict[str, str]
    raised: bool = False
    """Whether the function raised an error, rather than reporting failed items."""


@dataclass(frozen=True, slots=True)
class DiscardedRecords:
    """Consecutive records that are not retried any more."""

    records: Sequence[StreamedRecord]
    condition: str
    """AWS's name of the condition: `RetryAttemptsExhausted` or `RecordAgeExceeded`."""
    invoked: int
    reason: str
    raised: bool


class ShardConsumer(Protocol):
    """One consumer for each lane of a shard."""

    @property
    def window(self) -> TumblingWindow | None:
        """The window in which a function aggregates records."""

    @property
    def options(self) -> StreamOptions:
        """The options for reading the shard."""

    @property
    def label(self) -> str:
        """The consumer's name in the journal."""

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""

    def may_poll(self) -> bool:
        """Return whether the role may read the shard."""

    def consume(
        self, records: Sequence[StreamedRecord], presented: Sequence[dict[str, Any]]
    ) -> ConsumedBatch:
        """Send a batch of records, each with its presentation."""

    def close_window(self) -> str | None:
        """Send the final state of the window; return the reason if that failed."""

    def discard(self, batch: DiscardedRecords) -> None:
        """Notify the dead-letter destination of discarded records."""

    def discard_window(self, reason: str) -> None:
        """Record that the state of a window is lost."""

    def has_other_readers(self) -> bool:
        """Return whether another consumer reads the same stream."""
