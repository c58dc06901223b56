"""Settings that the deployment passes to a function."""

import os


class NotConfiguredError(RuntimeError):
    """An environment variable is missing."""


def required(name: str) -> str:
    """Return an environment variable; raise `NotConfiguredError` if it is missing."""
    try:
        return os.environ[name]
    except KeyError:
        raise NotConfiguredError(f"The function needs {name}; set this environment variable.") from None
