"""The host header selects one of several HTTP APIs, REST APIs and function URLs."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import part, rest_stack
from served_cloud import ask

from pocketcloud import OfflineCloud
from pocketcloud.apigateway.http_api import UnsupportedHttpApiError
from pocketcloud.serving.server import serve

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
WHO = """
def handle(event, context):
    return {"statusCode": 200, "body": event["requestContext"]["apiId"]}
"""


def everything() -> dict[str, Any]:
    """Return a REST API, an HTTP API and a function URL, all with the same function."""
    http = {"ApiId": {"Ref": "Http"}}
    proxy = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
    parts = {
        "Http": ("ApiGatewayV2::Api", {"Name": "web", "ProtocolType": "HTTP"}),
        "Proxy": (
            "ApiGatewayV2::Integration",
            {**http, **proxy, "IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]}},
        ),
        "Route": (
            "ApiGatewayV2::Route",
            {**http, "RouteKey": "GET /", "Target": {"Fn::Sub": "integrations/${Proxy}"}},
        ),
        "Default": ("ApiGatewayV2::Stage", {**http, "StageName": "$default", "AutoDeploy": True}),
        "Url": (
            "Lambda::Url",
            {
                "AuthType": "NONE",
                "TargetFunctionArn": {"Fn::GetAtt": ["F", "Arn"]},
                "Cors": {"AllowOrigins": ["https://a.example"]},
            },
        ),
    }
    for action, more in (
        ("InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
        ("InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        given = {"Action": f"lambda:{action}", "FunctionName": {"Ref": "F"}, "Principal": "*", **more}
        parts[action] = ("Lambda::Permission", given)
    others = {name: {"Type": f"AWS::{kind}", "Properties": given} for name, (kind, given) in parts.items()}
    return rest_stack({"GET /": {}}, source=WHO, others=others)


def ids(cloud: OfflineCloud) -> dict[str, str]:
    (rest,) = cloud.client("apigateway").get_rest_apis()["items"]
    (http,) = cloud.client("apigatewayv2").get_apis()["Items"]
    url = cloud.client("lambda").get_function_url_config(FunctionName="f")["FunctionUrl"]
    return {"rest": rest["id"], "http": http["ApiId"], "url": url.partition("//")[2].partition(".")[0]}


@pytest.mark.parametrize(("kind", "path"), [("rest", "/prod"), ("http", "/"), ("url", "/")])
def test_host_selects_the_endpoint(cloud: OfflineCloud, deploy: Deploy, kind: str, path: str) -> None:
    deploy(everything())
    name = ids(cloud)[kind]
    reply = cloud.http("GET", path, headers={"Host": f"{name}.example"}, customer=None)
    assert (reply.status, reply.body) == (200, name)


def test_several_endpoints_need_a_host(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(everything())
    with pytest.raises(UnsupportedHttpApiError, match="3 HTTP endpoints are deployed; set the host header"):
        cloud.http("GET", "/")


def test_served_endpoints_have_addresses_of_their_own(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(everything())
    names = ids(cloud)
    with serve(cloud, aws_port=0, http_port=0) as served:
        port = served.http_url.rpartition(":")[2]
        addresses = {each.kind: each.url for each in served.addresses()}
        assert addresses == {
            "HTTP API": f"http://{names['http']}.localhost:{port}",
            "REST API": f"http://{names['rest']}.localhost:{port}/prod/",
            "Function URL": f"http://{names['url']}.localhost:{port}/",
        }
        for kind, path in (("rest", "/prod/"), ("url", "/")):
            host = f"{names[kind]}.localhost:{port}"
            assert ask("GET", served.http_url + path, Host=host)[2] == names[kind].encode()
        public = f"{names['url']}.lambda-url.eu-west-1.on.aws"
        assert ask("GET", f"{served.http_url}/", Host=public)[2] == names["url"].encode()
        assert ask("GET", f"{served.http_url}/", Host="evil.example.com")[0] == 403
        status, _, content = ask("GET", f"{served.http_url}/")
        assert (status, b"set the host header" in content) == (501, True)


def test_only_endpoint_is_served_at_the_plain_address(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": {}}))
    with serve(cloud, aws_port=0, http_port=0) as served:
        (address,) = served.addresses()
        assert (address.kind, address.name) == ("REST API", "shop")
        assert address.url == f"{served.http_url}/prod/"
        assert ask("GET", address.url)[0] == 200


def test_foreign_page_uses_only_urls_that_allow_it(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(everything())
    names = ids(cloud)
    with serve(cloud, aws_port=0, http_port=0) as served:
        port = served.http_url.rpartition(":")[2]

        def status(kind: str, path: str, origin: str) -> int:
            host = f"{names[kind]}.localhost:{port}"
            return ask("GET", served.http_url + path, Host=host, Origin=origin)[0]

        assert status("url", "/", "https://a.example") == 200
        assert status("url", "/", "https://b.example") == 403
        assert status("rest", "/prod", "https://a.example") == 403
        assert status("rest", "/prod", "http://localhost:3000") == 200


def test_host_of_an_api_without_stage_is_forbidden(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"Api": part("RestApi", Name="empty")})
    assert cloud.http("GET", "/prod").status == 403


def test_cloud_without_rest_api_imports_nothing_for_it() -> None:
    # moto's REST APIs import the validators of OpenAPI documents, which takes a third of a second.
    script = """
import sys
from pocketcloud import OfflineCloud
with OfflineCloud() as cloud:
    try:
        cloud.http("GET", "/", customer=None)
    except NotImplementedError:
        print([name for name in sys.modules if name.startswith(("moto.apigateway.", "openapi"))])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - the script above
    assert done.stdout == "[]\n"
