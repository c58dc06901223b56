"""How long to wait for the part of a batch that DynamoDB has left out, as it is busy."""

import time
from collections.abc import Callable, Iterator
from itertools import count

LONGEST_PAUSE = 20.0
"""Seconds between two tries."""


def tries(sleep: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Tries without end: the first at once, each further one after a longer pause.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.BatchOperations
    """
    for number in count():
        if number:
            sleep(min(LONGEST_PAUSE, 0.1 * 2**number))
        yield number
