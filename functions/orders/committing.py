"""Committing a decision while somebody waits for the answer."""

from collections.abc import Callable

from functions.shared.event_store.event_log import RefusedError

TRIES = 3
"""Between our look and our decision a payment may confirm the order; nothing else keeps it open."""


def in_time(commit: Callable[[], bool]) -> bool:
    """What the commit answers, tried again where something else was decided since it looked.

    Raise `RefusedError` where that happened every time. Every call to AWS checks the invocation's deadline.
    """
    for _ in range(TRIES - 1):
        try:
            return commit()
        except RefusedError:
            continue
    return commit()
