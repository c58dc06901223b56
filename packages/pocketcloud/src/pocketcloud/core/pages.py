"""Pages of lists."""

import base64
from collections.abc import Sequence
from typing import Any


class InvalidTokenError(ValueError):
    """The token is not one of an earlier page."""


def page_of(items: Sequence[Any], token: str | None, limit: int) -> tuple[list[Any], str | None]:
    """Return a page and the token of the next: the index of its first item."""
    start = _start(token) if token else 0
    end = start + limit
    following = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), following


def _start(token: str) -> int:
    try:
        return int(base64.b64decode(token, validate=True))
    except ValueError as error:
        raise InvalidTokenError("the token is not one of an earlier page") from error
