"""Errors a client can act on: problem details (https://www.rfc-editor.org/rfc/rfc9457)."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from functions.shared.contracts.domain_contracts import domain_contracts
from functions.shared.runtime.strict_json import FaultCode, pointer_step

TYPE = "application/problem+json"
RETRYABLE = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
"""The statuses after which the same request may succeed later."""
MAXIMUM_CHARACTERS = 200
"""Limit of a pointer or a detail: a client's field name may be as long as its body."""

CommonCode = Literal[
    FaultCode,
    "base64_invalid",
    "body_missing",
    "json_no_object",
    "extra_forbidden",
    "idempotency_key_missing",
    "idempotency_key_invalid",
    "limit_invalid",
    "cursor_invalid",
    "token_without_subject",
    "operators_only",
    "window_invalid",
    "body_too_large",
    "content_type",
    "content_encoding",
    "invalid",
    "idempotency_key_reused",
    "unavailable",
    "out_of_time",
]

COMMON_PROBLEMS: Mapping[str, HTTPStatus] = {
    "json_invalid": HTTPStatus.BAD_REQUEST,
    "json_too_deep": HTTPStatus.BAD_REQUEST,
    "number_out_of_range": HTTPStatus.BAD_REQUEST,
    "duplicate_key": HTTPStatus.BAD_REQUEST,
    "invalid_unicode": HTTPStatus.BAD_REQUEST,
    "forbidden_character": HTTPStatus.BAD_REQUEST,
    "base64_invalid": HTTPStatus.BAD_REQUEST,
    "body_missing": HTTPStatus.BAD_REQUEST,
    "json_no_object": HTTPStatus.BAD_REQUEST,
    "extra_forbidden": HTTPStatus.BAD_REQUEST,
    "idempotency_key_missing": HTTPStatus.BAD_REQUEST,
    "idempotency_key_invalid": HTTPStatus.BAD_REQUEST,
    "limit_invalid": HTTPStatus.BAD_REQUEST,
    "cursor_invalid": HTTPStatus.BAD_REQUEST,
    "window_invalid": HTTPStatus.BAD_REQUEST,
    "token_without_subject": HTTPStatus.UNAUTHORIZED,
    "operators_only": HTTPStatus.FORBIDDEN,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "content_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "content_encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "out_of_time": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Problem codes of every HTTP API, and their statuses; a service may have more."""


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault of a request, and its place."""

    detail: str
    pointer: str | None = None
    """The JSON Pointer of the faulty field (https://www.rfc-editor.org/rfc/rfc6901)."""
    offset: int | None = None
    """The byte of the body at which the JSON is invalid."""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error response; it repeats names of fields, and no values, of the request."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    errors: tuple[Fault, ...] = ()


class ProblemError(Exception):
    """The request cannot be executed; `code` says why."""

    def __init__(
        self,
        code: str,
        detail: str,
        pointer: str | None = None,
        *,
        offset: int | None = None,
        retry_after_seconds: int = 1,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail[:MAXIMUM_CHARACTERS]
        # `~` would be half an escape.
        self.pointer = None if pointer is None else pointer[:MAXIMUM_CHARACTERS].rstrip("~")
        self.offset = offset
        self.retry_after_seconds = retry_after_seconds
        """When to try again, if the status says that it may help."""

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The place of the fault, if it is in the body."""
        if self.pointer is None and self.offset is None:
            return ()
        return (Fault(detail=self.detail, pointer=self.pointer, offset=self.offset),)


def response(problem: ProblemError, status: HTTPStatus, *, instance: str, request_id: str) -> dict[str, Any]:
    """Return the problem as a response for API Gateway."""
    document = Problem(
        type=f"{domain_contracts().urn}:problem:{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),  # HTTP's phrases change between Python versions
        status=int(status),
        detail=problem.detail,
        code=problem.code,
        # A URI reference, which is plain ASCII for any path.
        instance=quote(instance[:MAXIMUM_CHARACTERS], safe="/%", errors="replace"),
        request_id=request_id,
        errors=problem.errors,
    )
    headers = {"content-type": TYPE}
    if status in RETRYABLE:
        headers["retry-after"] = str(problem.retry_after_seconds)
    return {
        "statusCode": int(status),
        "headers": headers,
        "body": msgspec.json.encode(document).decode(),
    }


def pointer_in(message: str) -> str:
    """Return the JSON Pointer of the place in msgspec's message: `$.lines[0].sku` is `/lines/0/sku`."""
    place = re.search(r" - at `\$([^`]*)`$", message)
    field = re.match(r"Object (?:missing required|contains unknown) field `([^`]*)`", message)
    steps = re.findall(r"[^.\[\]]+", place[1]) if place else []
    if field:
        steps.append(field[1])
    return "".join(map(pointer_step, steps))
