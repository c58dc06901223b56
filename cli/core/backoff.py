"""Retry the part of a batch that AWS did not process."""

import time
from collections.abc import Callable, Iterator
from itertools import count

MAX_PAUSE_SECONDS = 20.0


def attempts(sleep: Callable[[float], None] = time.sleep, first_pause_seconds: float = 0.2) -> Iterator[int]:
    """Yield attempts without end; sleep twice as long before each.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.BatchOperations
    """
    for number in count():
        if number:
            sleep(min(MAX_PAUSE_SECONDS, first_pause_seconds * 2 ** (number - 1)))
        yield number
