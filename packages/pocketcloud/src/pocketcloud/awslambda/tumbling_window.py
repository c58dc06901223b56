"""Tumbling windows: a function aggregates the records of a shard, and gets the final state at the end.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html

Lambda documents neither where windows begin nor what follows a final invocation that fails for ever. Here
they begin at multiples of their length since 1970, as in AWS's examples, and a state is dropped when it is
older than the mapping or the stream allows for records. The final invocation has no records.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pocketcloud.awslambda.invocation import FunctionError, InvocationResult
from pocketcloud.awslambda.shard_source import StreamedRecord

MAXIMUM_SECONDS = 900
MAXIMUM_STATE_BYTES = 1024 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _OpenWindow:
    start: datetime
    end: datetime
    closes_at: datetime
    """When the function is invoked with the final state, or again after a failure."""
    state: str = "{}"
    """As JSON: a function may change the object that it gets, also in an invocation that fails."""
    is_early: bool = False
    """Whether the state was too large."""
    attempts: int = 0


class TumblingWindow:
    """The windows of one shard, of which at most one is open."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._length = timedelta(seconds=seconds)
        self._open: _OpenWindow | None = None

    @property
    def is_open(self) -> bool:
        """Whether the function has aggregated records that it has not processed."""
        return self._open is not None

    @property
    def attempts(self) -> int:
        """Number of failures of the final invocation."""
        return self._open.attempts if self._open else 0

    @property
    def end(self) -> datetime:
        """The end of the open window."""
        return self._opened().end

    @property
    def state(self) -> str:
        """The state of the open window as JSON."""
        return self._opened().state

    def limit(self, records: Sequence[StreamedRecord], end: int) -> int:
        """Return the place of the first record that is in a later window than the first one; or the end."""
        if not records:
            return end
        last = self._bounds(records[0].written_at)[1]
        return next((record.number for record in records if record.written_at >= last), end)

    def closes_at(self, first: StreamedRecord | None, *, now: datetime, at_end: bool) -> datetime | None:
        """Return when the open window is closed; None if a record of it waits, or there is none.

        `first` is the next record; `at_end` if the shard will have no more of them.
        """
        window = self._open
        if window is None:
            return None
        if first is not None and first.written_at < window.end and not window.is_early:
            return None
        if first is None and at_end and not window.attempts:
            window.closes_at = min(window.closes_at, now)
        return window.closes_at

    def extend(self, event: dict[str, Any], first: StreamedRecord, delay: timedelta) -> dict[str, Any]:
        """Open a window for this record unless it is open; return the event with its state."""
        if self._open is None:
            start, end = self._bounds(first.written_at)
            self._open = _OpenWindow(start, end, end + delay)
        return self._described(event, is_final=False)

    def final(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event of the final invocation."""
        return self._described(event, is_final=True)

    def accept(self, result: InvocationResult, now: datetime) -> InvocationResult:
        """Keep the state of the response; a response without one is a failure."""
        state = result.payload.get("state") if isinstance(result.payload, dict) else None
        if result.error is not None:
            return result
        if state is None:
            error = FunctionError("InvalidResponse", "the response has no state; a tumbling window needs one")
            return InvocationResult(result.payload, error)
        window = self._opened()
        window.state = json.dumps(state)
        if len(window.state) > MAXIMUM_STATE_BYTES:
            window.is_early, window.closes_at = True, now
        return result

    def retry(self, when: datetime) -> None:
        """Repeat the final invocation then."""
        window = self._opened()
        window.attempts, window.closes_at = window.attempts + 1, when

    def close(self) -> None:
        """Drop the state."""
        self._open = None

    def _bounds(self, when: datetime) -> tuple[datetime, datetime]:
        start = _EPOCH + (when - _EPOCH) // self._length * self._length
        return start, start + self._length

    def _opened(self) -> _OpenWindow:
        if self._open is None:
            raise RuntimeError("no window is open")
        return self._open

    def _described(self, event: dict[str, Any], *, is_final: bool) -> dict[str, Any]:
        window = self._opened()
        return {
            **event,
            "window": {"start": _iso_time(window.start), "end": _iso_time(window.end)},
            "state": json.loads(window.state),
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_final and window.is_early,
        }


def _iso_time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
