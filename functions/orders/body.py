"""A request's body, bounded before anything reads it."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from functions.shared.contracts.media_type import JSON
from functions.shared.runtime import strict_json
from functions.shared.runtime.problem import ProblemError
from functions.shared.runtime.strict_json import Json, JsonFaultError

MAXIMUM_BODY = 64 * 1024
"""Bytes; far more than 99 lines need."""


def json_of(event: Mapping[str, Any]) -> Json:
    """The document in the body, if it says that it is JSON, is not packed, and is small enough to be read."""
    try:
        return strict_json.parse(_content_of(event))
    except JsonFaultError as fault:
        raise ProblemError(fault.code, fault.detail, fault.pointer, offset=fault.offset) from None


def _content_of(event: Mapping[str, Any]) -> bytes:
    headers = event["headers"]
    if not re.search(JSON, headers.get("content-type", "")):
        raise ProblemError("content_type", "send application/json, in UTF-8")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError("content_encoding", "send the body as it is")
    body = event.get("body") or ""
    if len(body) > 2 * MAXIMUM_BODY:  # base64 adds a third
        raise _too_large()
    content = _decoded(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if len(content) > MAXIMUM_BODY:
        raise _too_large()
    if not content.strip():
        raise ProblemError("body_missing", "the body is empty")
    return content


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:  # binascii.Error, or a character that is not ASCII
        raise ProblemError("base64_invalid", "the body is not base64") from None


def _too_large() -> ProblemError:
    return ProblemError("body_too_large", f"the body is larger than {MAXIMUM_BODY} bytes")
