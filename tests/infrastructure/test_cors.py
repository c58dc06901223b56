"""Browsers let only the stage's pages call its HTTP API."""

from typing import Any

from tests.infrastructure.conftest import PAGES
from tests.infrastructure.graph import Graph


def configured(graph: Graph) -> Any:
    (api,) = graph.of("ApiGatewayV2::Api")
    return api.properties.get("CorsConfiguration")


def test_cors_is_off_by_default(dev: Graph, prod: Graph) -> None:
    assert configured(dev) is None
    assert configured(prod) is None


def test_cors_allows_methods_and_headers_without_cookies(shared: Graph) -> None:
    assert configured(shared) == {
        "AllowOrigins": PAGES,
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization", "content-type", "idempotency-key", "traceparent"],
        "ExposeHeaders": ["apigw-requestid", "idempotent-replayed", "retry-after"],
        "MaxAge": 3600,
    }
