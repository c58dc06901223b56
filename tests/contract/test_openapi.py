"""Tests that the OpenAPI document is current, complete and valid, with valid examples."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.orders.problems import PROBLEMS
from functions.orders.request import ExactRequest
from functions.shared.runtime.problem import ProblemError, response
from infrastructure.stream_consumers import STREAM_CONSUMERS
from infrastructure.topology import SERVICES
from openapi.document import PATH
from openapi.routes import OPERATIONS

DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
OF_OPERATORS = {route for service in STREAM_CONSUMERS for route in service.operator_routes}
ROUTES = {route for service in SERVICES for route in service.routes} | OF_OPERATORS


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every example, as the media type object with its schema."""
    for route, operation in operations():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for body in (*bodies, *operation["responses"].values()):
            for media in body["content"].values():
                if "example" in media:
                    yield route, media


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def codes_of(operation: dict[str, Any], status: HTTPStatus) -> set[str]:
    """Return the problem codes that the document lists for a status."""
    content = operation["responses"].get(str(int(status)), {"content": {}})["content"]
    if "application/problem+json" not in content:
        return set()
    (_, narrowed) = content["application/problem+json"]["schema"]["allOf"]
    return set(narrowed["properties"]["code"]["enum"])


def test_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_document_describes_exactly_the_routes_of_the_topology() -> None:
    assert OPERATIONS.keys() == ROUTES
    assert {route for route, _ in operations()} == ROUTES


@pytest.mark.parametrize(("route", "operation"), list(operations()), ids=lambda part: str(part)[:40])
def test_every_route_requires_a_token_and_its_path_parameters(route: str, operation: dict[str, Any]) -> None:
    assert operation["security"] == [{"operator" if route in OF_OPERATORS else "customer": []}]
    named = [ref["$ref"].rpartition("/")[2] for ref in operation.get("parameters", [])]
    declared = [DOCUMENT["components"]["parameters"][name] for name in named]
    in_path = {each["name"] for each in declared if each["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", route))


@pytest.mark.parametrize(("route", "operation"), list(operations()), ids=lambda part: str(part)[:40])
def test_every_status_has_its_headers(route: str, operation: dict[str, Any]) -> None:
    wanted = {"401": "WWW-Authenticate", "403": "WWW-Authenticate", "503": "Retry-After"}
    for status, header in wanted.items():
        assert header in operation["responses"][status]["headers"]


def test_every_code_is_documented_under_its_own_status() -> None:
    found = {
        (code, status)
        for _, operation in operations()
        for status in HTTPStatus
        for code in codes_of(operation, status)
    }
    assert found == set(PROBLEMS.items())


@pytest.mark.parametrize(("route", "media"), list(examples()), ids=lambda part: str(part)[:30])
def test_every_example_matches_its_schema(route: str, media: dict[str, Any]) -> None:
    validator(media["schema"]).validate(media["example"])


def test_example_of_an_order_is_accepted() -> None:
    (media,) = (
        media for route, media in examples() if route == "POST /orders" and "lines" in media["example"]
    )
    msgspec.convert(media["example"], ExactRequest)


@pytest.mark.parametrize("code", PROBLEMS)
def test_problem_matches_its_schema(code: Any) -> None:
    problem = ProblemError(code, "detail", "/lines/0", offset=3)
    body = json.loads(response(problem, PROBLEMS[code], instance="/orders", request_id="r")["body"])
    validator({"$ref": "#/components/schemas/Problem"}).validate(body)
