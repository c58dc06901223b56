"""One route's contract, and its OpenAPI operation object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from functions.orders.problems import PROBLEMS, ProblemCode
from openapi.parts import BY_GATEWAY, CHALLENGE, GATEWAY, PROBLEM, REPLAYED, RETRY, reference

JsonObject = dict[str, Any]

RENAMED_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""RFC 9110's phrases; Python before 3.13 has the older ones."""


def phrase(status: HTTPStatus) -> str:
    """Return the status in words, the same under every Python.

    https://www.rfc-editor.org/rfc/rfc9110#section-15
    """
    return RENAMED_PHRASES.get(status, status.phrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route's contract; the topology has its service and the route itself."""

    id: str
    summary: str
    success: HTTPStatus
    response: type | None
    """The body of the success; None for any JSON object."""
    example: JsonObject
    problems: tuple[ProblemCode, ...] = ()
    parameters: tuple[str, ...] = ()
    """Names in `components/parameters`."""
    request: type | None = None
    request_example: JsonObject | None = None
    for_operators: bool = False
    """Whether it requires an operator's token, and only a stage with the ordered stream has it."""
    replays: bool = False
    """Whether a repeated request gets the same response, with a header that says so."""


def operation_object(operation: Operation, *, service: str) -> JsonObject:
    """Return the operation object (https://spec.openapis.org/oas/v3.1.1.html#operation-object)."""
    document: JsonObject = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [service],
        "security": [{"operator" if operation.for_operators else "customer": []}],
    }
    if operation.parameters:
        document["parameters"] = [reference("parameters", name) for name in operation.parameters]
    if operation.request:
        document["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": reference("schemas", operation.request.__name__),
                    "example": operation.request_example,
                }
            },
        }
    document["responses"] = dict(sorted(_responses(operation).items()))
    return document


def _responses(operation: Operation) -> dict[str, JsonObject]:
    """Return every status: the success, the route's own problems, and API Gateway's own responses."""
    by_status = _by_status(operation.problems)
    rejections = {
        str(int(status)): _rejection(status, by_status.get(status, ()))
        for status in {*by_status, *_by_gateway(operation)}
    }
    return {str(int(operation.success)): _success(operation), **rejections}


def _by_gateway(operation: Operation) -> Iterable[HTTPStatus]:
    too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return (status for status in BY_GATEWAY if status is not too_large or operation.request)


def _success(operation: Operation) -> JsonObject:
    schema = reference("schemas", operation.response.__name__) if operation.response else {"type": "object"}
    response: JsonObject = {
        "description": phrase(operation.success),
        "content": {"application/json": {"schema": schema, "example": operation.example}},
    }
    if operation.replays:
        response["headers"] = {"Idempotent-Replayed": reference("headers", REPLAYED)}
    return response


def _rejection(status: HTTPStatus, codes: Iterable[ProblemCode]) -> JsonObject:
    content: JsonObject = {}
    if codes:
        narrowed = {"properties": {"code": {"enum": sorted(codes)}}}
        content["application/problem+json"] = {"schema": {"allOf": [reference("schemas", PROBLEM), narrowed]}}
    if status in BY_GATEWAY:
        content["application/json"] = {"schema": reference("schemas", GATEWAY)}
    response: JsonObject = {"description": phrase(status), "content": content}
    if status is HTTPStatus.SERVICE_UNAVAILABLE or (status is HTTPStatus.TOO_MANY_REQUESTS and codes):
        response["headers"] = {"Retry-After": reference("headers", RETRY)}
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        response["headers"] = {"WWW-Authenticate": reference("headers", CHALLENGE)}
    return response


def _by_status(codes: Iterable[ProblemCode]) -> Mapping[HTTPStatus, list[ProblemCode]]:
    found: dict[HTTPStatus, list[ProblemCode]] = {}
    for code in codes:
        found.setdefault(PROBLEMS[code], []).append(code)
    return found
