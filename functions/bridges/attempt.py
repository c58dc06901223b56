"""A step whose failure concerns one record: the others must not fail with it."""

from collections.abc import Callable


def error_of(step: Callable[[], object]) -> Exception | None:
    """Run the step; return the error that it raised, if any."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - any error is reported, record by record
        return error
    return None
