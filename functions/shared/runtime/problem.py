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
LONGEST = 200
"""Characters of a pointer or a detail: a field's name is the client's, and may be as long as its body."""

ProblemCode = Literal[
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
    "order_not_found",
    "already_shipped",
    "body_too_large",
    "content_type",
    "content_encoding",
    "invalid",
    "duplicate_sku",
    "unknown_sku",
    "mixed_currencies",
    "total_mismatch",
    "idempotency_key_reused",
    "unavailable",
    "out_of_time",
]

PROBLEMS: Mapping[ProblemCode, HTTPStatus] = {
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
    "token_without_subject": HTTPStatus.UNAUTHORIZED,
    "order_not_found": HTTPStatus.NOT_FOUND,
    "already_shipped": HTTPStatus.CONFLICT,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "content_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "content_encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "duplicate_sku": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_sku": HTTPStatus.UNPROCESSABLE_ENTITY,
    "mixed_currencies": HTTPStatus.UNPROCESSABLE_ENTITY,
    "total_mismatch": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "out_of_time": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every code a client may meet, and its one status; codes are a metric's dimension: there are no others."""


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a request: where, and what."""

    detail: str
    pointer: str | None = None
    """The JSON Pointer of the field at fault (https://www.rfc-editor.org/rfc/rfc6901)."""
    offset: int | None = None
    """The byte of the body at which it stops being JSON."""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every refusal; nothing that was sent is repeated in it but names of fields."""

    type: str
    title: str
    status: int
    detail: str
    code: ProblemCode
    instance: str
    request_id: str
    errors: tuple[Fault, ...] = ()


class ProblemError(Exception):
    """The request cannot be carried out; `status` and `code` say why."""

    def __init__(
        self, code: ProblemCode, detail: str, pointer: str | None = None, *, offset: int | None = None
    ) -> None:
        super().__init__(code)
        self.code: ProblemCode = code
        self.status = PROBLEMS[code]
        self.detail = detail[:LONGEST]
        self.pointer = None if pointer is None else pointer[:LONGEST].rstrip("~")  # no half of an escape
        self.offset = offset

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Where in the body the fault lies, if it lies there."""
        if self.pointer is None and self.offset is None:
            return ()
        return (Fault(detail=self.detail, pointer=self.pointer, offset=self.offset),)


def response(problem: ProblemError, *, instance: str, request_id: str) -> dict[str, Any]:
    """The problem as API Gateway takes it."""
    document = Problem(
        type=f"{domain_contracts().urn}:problem:{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),  # HTTP's own phrases change with Python
        status=int(problem.status),
        detail=problem.detail,
        code=problem.code,
        # A URI reference, so that whatever stood in the path comes back as plain ASCII.
        instance=quote(instance[:LONGEST], safe="/%", errors="replace"),
        request_id=request_id,
        errors=problem.errors,
    )
    headers = {"content-type": TYPE}
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "1"
    return {
        "statusCode": int(problem.status),
        "headers": headers,
        "body": msgspec.json.encode(document).decode(),
    }


def pointer_in(complaint: str) -> str:
    """The JSON Pointer of the place msgspec complains about: `$.lines[0].sku` is `/lines/0/sku`."""
    place = re.search(r" - at `\$([^`]*)`$", complaint)
    field = re.match(r"Object (?:missing required|contains unknown) field `([^`]*)`", complaint)
    steps = re.findall(r"[^.\[\]]+", place[1]) if place else []
    if field:
        steps.append(field[1])
    return "".join(map(pointer_step, steps))
