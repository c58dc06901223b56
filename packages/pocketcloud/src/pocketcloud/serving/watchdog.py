"""Stops a handler that computes beyond its timeout, as an endless loop does.

The virtual clock stands still while a handler computes, so it cannot find the end.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from pocketcloud.awslambda.execution import Execution

_INTERVAL_SECONDS = 0.25
_PATIENCE = timedelta(seconds=5)
"""CPU time that any handler may take: a cold one imports its bundle on a machine that may be slow."""


@contextmanager
def watching_handlers(running: Callable[[], Execution | None]) -> Iterator[None]:
    """Stop each handler that takes more CPU time than its timeout, until the block ends."""
    ended = Event()
    thread = Thread(target=_watch, args=(running, ended), name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(running: Callable[[], Execution | None], ended: Event) -> None:
    seen, began = None, 0.0
    while not ended.wait(_INTERVAL_SECONDS):
        execution = running()
        if execution is None or execution is not seen:
            seen, began = execution, time.process_time()
        # CPU time, because a handler may wait in a debugger.
        elif time.process_time() - began > max(execution.timeout, _PATIENCE).total_seconds():
            execution.stop()
