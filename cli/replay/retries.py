"""Send again what was not accepted."""

from collections.abc import Callable, Sized
from itertools import islice
from typing import TypeVar

from cli.core.backoff import attempts

MAX_ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.4

Pending = TypeVar("Pending", bound=Sized)


def send_with_retries(
    pending: Pending, attempt: Callable[[Pending], Pending], sleep: Callable[[float], None]
) -> Pending:
    """Attempt to send what the previous attempt left; return what the last one left."""
    for _ in islice(attempts(sleep, FIRST_PAUSE_SECONDS), MAX_ATTEMPTS):
        pending = attempt(pending)
        if not pending:
            break
    return pending
