"""How a step fails: in words that say what was expected and what was found."""


class CheckError(Exception):
    """What a step promises did not happen; the message is what a person reads."""


def require(*, met: bool, otherwise: str) -> None:
    """Raise CheckError with these words unless the condition is met."""
    if not met:
        raise CheckError(otherwise)
