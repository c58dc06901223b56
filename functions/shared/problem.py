"""Errors a client can act on: problem details (https://www.rfc-editor.org/rfc/rfc9457)."""

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec

TYPE = "application/problem+json"


class ProblemError(Exception):
    """The request cannot be carried out; `status` and `code` say why."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        """The JSON Pointer of the field at fault (https://www.rfc-editor.org/rfc/rfc6901)."""


def response(problem: ProblemError, *, instance: str) -> dict[str, Any]:
    """The problem as API Gateway takes it."""
    document: dict[str, Any] = {
        "type": f"urn:orderbus:problem:{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),  # HTTP's own phrases change with Python
        "status": int(problem.status),
        "detail": problem.detail,
        "code": problem.code,
        # A URI reference, so that whatever stood in the path comes back as plain ASCII.
        "instance": quote(instance, safe="/%", errors="replace"),
    }
    if problem.pointer is not None:
        document["errors"] = [{"pointer": problem.pointer, "detail": problem.detail}]
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
    return "".join(f"/{_escaped(step)}" for step in steps)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
