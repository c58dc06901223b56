"""Retry the part of a batch that DynamoDB did not process."""

import time
from collections.abc import Callable, Iterator
from itertools import count

MAX_PAUSE_SECONDS = 20.0


def attempts(sleep: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Yield attempts without end; sleep longer before each.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.BatchOperations
    """
    for number in count():
        if number:
            sleep(min(MAX_PAUSE_SECONDS, 0.1 * 2**number))
        yield number
