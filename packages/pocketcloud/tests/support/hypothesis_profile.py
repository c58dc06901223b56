"""Hypothesis judges results, not times: the machine may be busy."""

from hypothesis import settings


def ignore_times() -> None:
    """Set no deadline for an example."""
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
