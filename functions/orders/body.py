"""A request's body, bounded before anything reads it."""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.shared.problem import ProblemError

MAXIMUM_BODY = 64 * 1024
"""Bytes; far more than 99 lines need."""


def json_body_of(event: Mapping[str, Any]) -> bytes:
    """The body, if it says that it is JSON, is not packed, and is small enough to be read."""
    headers = event["headers"]
    _require_json(headers.get("content-type", ""))
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_encoding", "send the body as it is")
    body = event.get("body") or ""
    if len(body) > 2 * MAXIMUM_BODY:  # base64 adds a third
        raise _too_large()
    content = _decoded(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(content) > MAXIMUM_BODY:
        raise _too_large()
    if not content.strip():
        raise ProblemError(HTTPStatus.BAD_REQUEST, "body_missing", "the body is empty")
    return content


def _require_json(content_type: str) -> None:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip().strip('"')
    if kind.strip() != "application/json" or charset not in {"", "utf-8"}:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", "send application/json, in UTF-8"
        )


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:  # binascii.Error, or a character that is not ASCII
        raise ProblemError(HTTPStatus.BAD_REQUEST, "base64_invalid", "the body is not base64") from None


def _too_large() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", f"the body is larger than {MAXIMUM_BODY} bytes"
    )


def refuse_doubled_names(content: bytes) -> None:
    """A name stands once in an object: readers differ in which of two they believe, and none says so."""
    json.loads(content, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "duplicate_key", "a name stands twice in an object")
    return members
