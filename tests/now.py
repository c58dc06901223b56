"""The one "now" of the tests that freeze the clock, and the one way to freeze it.

What is written while the clock is frozen is read back while it is frozen: moto drops a queue's message
by its age, and DynamoDB's and Powertools' records expire by theirs. A test that writes on a fixed date and
reads by the real clock passes until the calendar has moved on.
"""

from datetime import UTC, datetime

import time_machine

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""Any date would do, since nothing compares it with the real clock."""


def frozen(at: datetime = NOW) -> time_machine.travel:
    """Stop the clock at this time, for a `with` statement; may be nested."""
    return time_machine.travel(at, tick=False)


def running(at: datetime = NOW) -> time_machine.travel:
    """Start the clock at this time, for a `with` statement: what happens later has a later time."""
    return time_machine.travel(at, tick=True)
