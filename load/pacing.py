"""An open-loop schedule: a slow response delays no later request's due time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MAXIMUM_BATCH = 10
"""Maximum entries of PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""


@dataclass(frozen=True, slots=True)
class Due(Generic[T]):
    """A value, and the seconds after the start at which it is due."""

    value: T
    due_seconds: float


def batches_due(
    values: Sequence[T], rate: float, *, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[list[Due[T]]]:
    """Yield values when they are due, `rate` a second; those that are late come together."""
    start, sent = clock(), 0
    waiting = [Due(value, index / rate) for index, value in enumerate(values)]
    while sent < len(waiting):
        elapsed = clock() - start
        batch = [each for each in waiting[sent : sent + MAXIMUM_BATCH] if each.due_seconds <= elapsed]
        if batch:
            sent += len(batch)
            yield batch
        else:
            sleep(waiting[sent].due_seconds - elapsed)
