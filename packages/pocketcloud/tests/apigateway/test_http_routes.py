"""Routes are selected as API Gateway documents."""

import pytest

from pocketcloud.apigateway.http_routes import RouteMatch, match_route

ROUTES = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/pets/dog/1", RouteMatch("GET /pets/dog/1", {})),
        ("GET", "/pets/dog/2", RouteMatch("GET /pets/dog/{id}", {"id": "2"})),
        ("GET", "/pets/cat/1", RouteMatch("GET /pets/{proxy+}", {"proxy": "cat/1"})),
        ("POST", "/test/5", RouteMatch("ANY /{proxy+}", {"proxy": "test/5"})),
        ("GET", "/", RouteMatch("$default", {})),
    ],
)
def test_documented_example_selects_the_documented_routes(
    method: str, path: str, expected: RouteMatch
) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    assert match_route(ROUTES, method, path) == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders"),
        ("POST", "/orders/1"),
        ("POST", "/orders/"),
        ("POST", "/order"),
        ("GET", "/orders/1/x"),
    ],
)
def test_unmatched_path_selects_no_route(method: str, path: str) -> None:
    assert match_route(("POST /orders", "GET /orders/{id}"), method, path) is None


def test_parameter_does_not_match_an_empty_segment() -> None:
    assert match_route(("GET /orders/{id}",), "GET", "/orders/") is None


def test_route_with_a_method_wins_over_any() -> None:
    assert match_route(("ANY /orders", "POST /orders"), "POST", "/orders") == RouteMatch("POST /orders", {})


def test_encoded_slash_stays_in_its_path_segment() -> None:
    match = match_route(("GET /orders/{id}",), "GET", "/orders/a%2Fb%20c")
    assert match == RouteMatch("GET /orders/{id}", {"id": "a/b c"})
