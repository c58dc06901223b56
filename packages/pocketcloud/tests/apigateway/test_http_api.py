"""A deployed HTTP API responds as API Gateway does."""

import re

import pytest
from moto.moto_api._internal import mock_random
from small_cloud import Result, SmallCloud, deploy_api

from pocketcloud.apigateway.http_api import HttpApi, UnsupportedHttpApiError


def test_request_reaches_the_function_of_its_route(cloud: SmallCloud) -> None:
    deploy_api(cloud, "GET /orders/{id}")
    cloud.respond = lambda event: Result({"statusCode": 200, "body": event["pathParameters"]["id"]})
    reply = HttpApi(cloud).request("GET", "/orders/o-1?full=1")
    assert (reply.status, reply.body) == (200, "o-1")
    assert [name for name, _ in cloud.invoked] == ["shop-orders-api"]
    (source,) = cloud.sources
    assert re.fullmatch(r"arn:aws:execute-api:eu-west-1:123456789012:\w+/\$default/GET/orders/\{id\}", source)
    assert cloud.event["rawQueryString"] == "full=1"
    assert cloud.event["requestContext"]["timeEpoch"] == 1795435200000


def test_json_document_is_sent_as_json(cloud: SmallCloud) -> None:
    deploy_api(cloud, "POST /orders")
    HttpApi(cloud).request("post", "/orders", json={"a": 1}, headers={"Idempotency-Key": "k"})
    assert cloud.event["body"] == '{"a": 1}'
    assert cloud.event["headers"]["content-type"] == "application/json"
    assert cloud.event["headers"]["idempotency-key"] == "k"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/orders")])
def test_unknown_route_is_not_found(cloud: SmallCloud, method: str, path: str) -> None:
    deploy_api(cloud, "POST /orders")
    reply = HttpApi(cloud).request(method, path)
    assert (reply.status, reply.body, cloud.invoked) == (404, '{"message":"Not Found"}', [])


def test_named_stage_is_part_of_the_path(cloud: SmallCloud) -> None:
    deploy_api(cloud, "POST /orders", stage="dev")
    assert HttpApi(cloud).request("POST", "/orders").status == 404
    assert HttpApi(cloud).request("POST", "/dev/orders").status == 204
    assert (cloud.event["rawPath"], cloud.event["requestContext"]["stage"]) == ("/dev/orders", "dev")


@pytest.mark.parametrize("result", [Result(None, error="Unhandled"), Result({"statusCode": "?"})])
def test_failed_function_is_an_internal_server_error(cloud: SmallCloud, result: Result) -> None:
    deploy_api(cloud, "POST /orders")
    cloud.respond = lambda _event: result
    reply = HttpApi(cloud).request("POST", "/orders")
    assert (reply.status, reply.body) == (500, '{"message":"Internal Server Error"}')


def test_request_is_rejected_when_its_headers_are_too_large(cloud: SmallCloud) -> None:
    deploy_api(cloud, "POST /orders")
    api = HttpApi(cloud)
    assert api.request("POST", "/orders", headers={"x": "v" * 10_300}).status == 431
    assert cloud.invoked == []
    assert api.request("POST", "/orders", headers={"x": "v" * 10_100}).status == 204


def test_body_above_ten_megabytes_is_rejected(cloud: SmallCloud) -> None:
    deploy_api(cloud, "POST /orders")
    assert HttpApi(cloud).request("POST", "/orders", body=b"x" * (10 * 1024 * 1024 + 1)).status == 413


def test_request_ids_are_unique_and_repeat_with_the_seed(cloud: SmallCloud) -> None:
    deploy_api(cloud, "POST /orders")
    ids = []
    for _ in range(2):
        mock_random.seed(7)
        replies = [HttpApi(cloud).request("POST", "/orders") for _ in range(2)]
        ids.append([reply.headers["apigw-requestid"] for reply in replies])
    assert ids[0] == ids[1]
    assert ids[0][0] != ids[0][1]


def test_host_selects_one_of_several_apis(cloud: SmallCloud) -> None:
    deploy_api(cloud, "GET /a")
    second = deploy_api(cloud, "GET /b")
    host = f"{second}.execute-api.eu-west-1.amazonaws.com"
    assert HttpApi(cloud).request("GET", "/b", headers={"Host": host}).status == 204
    with pytest.raises(UnsupportedHttpApiError, match="2 HTTP APIs"):
        HttpApi(cloud).request("GET", "/b")


def test_unsupported_integration_is_rejected_by_name(cloud: SmallCloud) -> None:
    api = deploy_api(cloud, "GET /a")
    gateway = cloud.client("apigatewayv2")
    gateway.create_integration(
        ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com", IntegrationMethod="GET"
    )
    target = gateway.get_integrations(ApiId=api)["Items"][-1]["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="GET /web", Target=f"integrations/{target}")
    with pytest.raises(UnsupportedHttpApiError, match="GET /web: integration HTTP_PROXY"):
        HttpApi(cloud).request("GET", "/web")


def test_unsupported_authorization_is_rejected_by_name(cloud: SmallCloud) -> None:
    deploy_api(cloud, "GET /a", AuthorizationType="AWS_IAM")
    with pytest.raises(UnsupportedHttpApiError, match="GET /a: authorization AWS_IAM"):
        HttpApi(cloud).request("GET", "/a")
