"""What the deployment tells a function."""

import os


class NotConfiguredError(RuntimeError):
    """The deployment forgot a variable this function needs."""


def required(name: str) -> str:
    """The environment variable of that name; raises `NotConfiguredError` where it is missing."""
    try:
        return os.environ[name]
    except KeyError:
        raise NotConfiguredError(f"the function's environment has no {name}") from None
