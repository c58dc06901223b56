"""MOCK integrations, as the CDK makes them for CORS preflights."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
SEVERAL = """#set($origin = $input.params().header.get("Origin"))
#if($origin == "")
  #set($origin = $input.params().header.get("origin"))
#end
#if($origin == "https://b.example" || $origin == "https://c.example")
  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end"""
"""As aws-cdk-lib writes it for further origins."""


def mock(*responses: dict[str, Any], template: str = "{ statusCode: 200 }") -> dict[str, Any]:
    integration: dict[str, Any] = {"Type": "MOCK", "IntegrationResponses": list(responses)}
    if template:
        integration["RequestTemplates"] = {"application/json": template}
    return {"Integration": integration}


def response(status: str, **more: Any) -> dict[str, Any]:
    return {"StatusCode": status, **more}


def origin(value: str) -> dict[str, str]:
    return {"method.response.header.Access-Control-Allow-Origin": value}


def test_preflight_returns_the_literal_headers(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"OPTIONS /a": mock(response("204", ResponseParameters=origin("'*'")))}))
    reply = cloud.http("OPTIONS", "/prod/a", headers={"Origin": "https://a.example"})
    assert (reply.status, reply.headers["access-control-allow-origin"], reply.body) == (204, "*", "")
    assert reply.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("https://a.example", "https://a.example"),
        ("https://b.example", "https://b.example"),
        ("https://c.example", "https://c.example"),
        ("https://d.example", "https://a.example"),
    ],
)
def test_preflight_repeats_one_of_several_origins(
    cloud: OfflineCloud, deploy: Deploy, sent: str, allowed: str
) -> None:
    templates = {"application/json": SEVERAL}
    parameters = origin("'https://a.example'")
    one = response("204", ResponseParameters=parameters, ResponseTemplates=templates)
    deploy(rest_stack({"OPTIONS /a": mock(one)}))
    reply = cloud.http("OPTIONS", "/prod/a", headers={"Origin": sent})
    assert (reply.headers["access-control-allow-origin"], reply.body) == (allowed, "")


def test_status_of_the_template_selects_the_response(cloud: OfflineCloud, deploy: Deploy) -> None:
    teapot = response("418", SelectionPattern="4\\d\\d", ResponseTemplates={"application/json": "tea"})
    methods = {
        "GET /a": mock(response("200"), teapot, template='{"statusCode": 404}'),
        "GET /b": mock(response("200"), teapot, template='{"statusCode": 500}'),
        "GET /c": mock(teapot, template='{"statusCode": 200}'),
        "GET /d": mock(response("200"), template=""),
    }
    deploy(rest_stack(methods))
    replies = {path: cloud.http("GET", f"/prod/{path}") for path in "abcd"}
    assert {path: reply.status for path, reply in replies.items()} == {"a": 418, "b": 200, "c": 500, "d": 500}
    assert replies["a"].body == "tea"


@pytest.mark.parametrize(
    ("integration", "message"),
    [
        (mock(template='{"statusCode": $input.params("s")}'), "only a status is supported"),
        (mock(response("200", ResponseParameters=origin("method.request.header.a"))), "with a literal"),
        (mock(response("200", ResponseTemplates={"application/json": "$input.body"})), "compute something"),
    ],
)
def test_mock_that_computes_is_rejected_by_name(
    deploy: Deploy, integration: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(rest_stack({"GET /": integration}))
