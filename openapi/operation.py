"""What one route takes and gives, and that as OpenAPI says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from functions.shared.runtime.problem import PROBLEMS, ProblemCode
from openapi.parts import BY_GATEWAY, CHALLENGE, GATEWAY, PROBLEM, REPLAYED, RETRY, reference

JsonObject = dict[str, Any]

RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 has them; Python before 3.13 knows them by their older names."""


def phrase(status: HTTPStatus) -> str:
    """The status in words, the same under every Python.

    https://www.rfc-editor.org/rfc/rfc9110#section-15
    """
    return RENAMED.get(status, status.phrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route's contract; `service` and the route itself come from the map."""

    id: str
    summary: str
    success: HTTPStatus
    gives: type | None
    """The body of the success; None where any JSON object may come."""
    example: JsonObject
    problems: tuple[ProblemCode, ...] = ()
    parameters: tuple[str, ...] = ()
    """Names in `components/parameters`."""
    takes: type | None = None
    takes_example: JsonObject | None = None
    replays: bool = False
    """Whether the same request again gets the same answer, and a header that says so."""


def rendered(operation: Operation, *, service: str) -> JsonObject:
    """The operation object (https://spec.openapis.org/oas/v3.1.1.html#operation-object)."""
    document: JsonObject = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [service],
        "security": [{"customer": []}],
    }
    if operation.parameters:
        document["parameters"] = [reference("parameters", name) for name in operation.parameters]
    if operation.takes:
        document["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": reference("schemas", operation.takes.__name__),
                    "example": operation.takes_example,
                }
            },
        }
    document["responses"] = dict(sorted(_responses(operation).items()))
    return document


def _responses(operation: Operation) -> dict[str, JsonObject]:
    """Every status the route may give: its success, its own problems, and what API Gateway says itself."""
    by_status = _by_status(operation.problems)
    refused = {
        str(int(status)): _refusal(status, by_status.get(status, ()))
        for status in {*by_status, *_by_gateway(operation)}
    }
    return {str(int(operation.success)): _success(operation), **refused}


def _by_gateway(operation: Operation) -> Iterable[HTTPStatus]:
    too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return (status for status in BY_GATEWAY if status is not too_large or operation.takes)


def _success(operation: Operation) -> JsonObject:
    schema = reference("schemas", operation.gives.__name__) if operation.gives else {"type": "object"}
    response: JsonObject = {
        "description": phrase(operation.success),
        "content": {"application/json": {"schema": schema, "example": operation.example}},
    }
    if operation.replays:
        response["headers"] = {"Idempotent-Replayed": reference("headers", REPLAYED)}
    return response


def _refusal(status: HTTPStatus, codes: Iterable[ProblemCode]) -> JsonObject:
    content: JsonObject = {}
    if codes:
        narrowed = {"properties": {"code": {"enum": sorted(codes)}}}
        content["application/problem+json"] = {"schema": {"allOf": [reference("schemas", PROBLEM), narrowed]}}
    if status in BY_GATEWAY:
        content["application/json"] = {"schema": reference("schemas", GATEWAY)}
    response: JsonObject = {"description": phrase(status), "content": content}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response["headers"] = {"Retry-After": reference("headers", RETRY)}
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        response["headers"] = {"WWW-Authenticate": reference("headers", CHALLENGE)}
    return response


def _by_status(codes: Iterable[ProblemCode]) -> Mapping[HTTPStatus, list[ProblemCode]]:
    found: dict[HTTPStatus, list[ProblemCode]] = {}
    for code in codes:
        found.setdefault(PROBLEMS[code], []).append(code)
    return found
