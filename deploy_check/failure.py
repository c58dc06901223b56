"""The error of a failed check."""


class CheckError(Exception):
    """A check failed; the message says what was expected and what was found."""


def require(*, met: bool, otherwise: str) -> None:
    """Raise CheckError with the message `otherwise` unless the condition is met."""
    if not met:
        raise CheckError(otherwise)
