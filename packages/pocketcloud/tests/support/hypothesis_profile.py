"""Hypothesis judges results, not times: the machine may be busy. `EXAMPLES=1000` looks further."""

import os

from hypothesis import settings


def examples(usual: int) -> int:
    """Return the number of examples of a test: the usual one, or that of the variable `EXAMPLES`."""
    return int(os.environ.get("EXAMPLES", usual))


def ignore_times() -> None:
    """Set no deadline for an example."""
    settings.register_profile("untimed", deadline=None, max_examples=examples(40))
    settings.load_profile("untimed")
