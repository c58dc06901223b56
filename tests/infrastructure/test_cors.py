"""Browsers let only the stage's pages call its HTTP API."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infrastructure.orderbus import ORDERBUS
from infrastructure.synthesis import add_stacks
from pocketcloud import OfflineCloud
from tests.infrastructure.graph import Graph
from tests.infrastructure.test_stages import dev_with
from tests.workflow.shop import an_order

PAGE, ELSEWHERE = "https://shop.example", "https://elsewhere.example"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return synthesised(tmp_path_factory.mktemp("cors"), PAGE, "http://localhost:5173")


def synthesised(outdir: Path, *origins: str) -> Graph:
    app = App(outdir=str(outdir), builtin_cloud_formation_validation=False)
    add_stacks(app, stage=ORDERBUS.stage("dev", dev_with(allowed_origins=list(origins))))
    app.synth()
    return Graph(outdir)


def configured(graph: Graph) -> Any:
    (api,) = graph.of("ApiGatewayV2::Api")
    return api.properties.get("CorsConfiguration")


def asking(origin: str) -> dict[str, str]:
    """Return the headers of a browser's preflight request for `POST /orders`."""
    headers = "authorization,content-type,idempotency-key"
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }


def test_cors_is_off_by_default(dev: Graph, prod: Graph) -> None:
    assert configured(dev) is None
    assert configured(prod) is None


def test_cors_allows_methods_and_headers_without_cookies(graph: Graph) -> None:
    assert configured(graph) == {
        "AllowOrigins": [PAGE, "http://localhost:5173"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization", "content-type", "idempotency-key", "traceparent"],
        "ExposeHeaders": ["apigw-requestid", "idempotent-replayed", "retry-after"],
        "MaxAge": 3600,
    }


def test_only_an_allowed_page_orders_from_a_browser(graph: Graph) -> None:
    with OfflineCloud.start(assembly=graph.assembly) as cloud:
        before = cloud.http("OPTIONS", "/orders", headers=asking(PAGE))
        assert before.status == 204
        assert before.headers["Access-Control-Allow-Origin"] == PAGE
        assert before.headers["Access-Control-Allow-Methods"] == "GET,POST"
        assert before.headers["Access-Control-Max-Age"] == "3600"
        sendable = before.headers["Access-Control-Allow-Headers"].split(",")
        assert {"authorization", "content-type", "idempotency-key"} <= set(sendable)
        headers = {"Idempotency-Key": "k1", "Origin": PAGE}
        reply = cloud.http("POST", "/orders", json=an_order(), headers=headers, customer="ada")
        assert reply.headers["Access-Control-Allow-Origin"] == PAGE
        refused = cloud.http("OPTIONS", "/orders", headers=asking(ELSEWHERE))
        assert (refused.status, "Access-Control-Allow-Origin" in refused.headers) == (204, False)
        unseen = cloud.http("GET", "/orders", headers={"Origin": ELSEWHERE}, customer="ada")
        assert "Access-Control-Allow-Origin" not in unseen.headers


def test_responses_have_no_cors_headers_without_the_setting(dev: Graph) -> None:
    with OfflineCloud.start(assembly=dev.assembly) as cloud:
        assert cloud.http("OPTIONS", "/orders", headers=asking(PAGE)).status == 404
        reply = cloud.http("GET", "/orders", headers={"Origin": PAGE}, customer="ada")
        assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]
