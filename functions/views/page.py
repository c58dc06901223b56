"""Pagination: limits and cursors."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from functions.shared.runtime.problem import ProblemError

USUAL = 20
MAXIMUM = 50
_POSITION = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
MAXIMUM_CURSOR_LENGTH = 128


class Page(msgspec.Struct, frozen=True):
    """At most `limit` entries after `after`, or from the newest."""

    limit: int
    after: str | None


def page_of(event: Mapping[str, Any]) -> Page:
    """Return the requested page; ignore other parameters."""
    given = event.get("queryStringParameters") or {}
    cursor = given.get("cursor")
    return Page(_limit(given.get("limit", str(USUAL))), None if cursor is None else _position(cursor))


def cursor_of(position: str) -> str:
    """Encode the position for clients, who return it unchanged.

    It names no customer and needs no signature: a forged one only moves through the caller's own list.
    """
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _limit(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]?", text, re.ASCII) or int(text) > MAXIMUM:
        raise ProblemError("limit_invalid", f"limit is a whole number from 1 to {MAXIMUM}")
    return int(text)


def _position(cursor: str) -> str:
    position = _decoded(cursor) if len(cursor) <= MAXIMUM_CURSOR_LENGTH else ""
    # Accept canonical base64 only: one position has several encodings.
    if not _POSITION.fullmatch(position) or cursor_of(position) != cursor:
        raise ProblemError("cursor_invalid", "send the next_cursor of the page before, as it came")
    return position


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:  # invalid base64 or UTF-8
        return ""
