"""The served cloud takes requests of this machine's programs in its region, and of no foreign page."""

import json
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from served_cloud import SIGNED, ServedCloud, ask
from small_cloud import REGION, deploy_api

from pocketcloud.serving.server import Served


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "bucket.localhost"])
def test_name_of_this_machine_is_served_on_both_ports(cloud: ServedCloud, served: Served, name: str) -> None:
    deploy_api(cloud, "POST /orders")
    for url, expected in ((f"{served.aws_url}/", 200), (f"{served.http_url}/orders", 204)):
        body = b"Action=ListQueues" if expected == 200 else b""
        headers = {"Host": f"{name}:{port_of(url)}", "Content_Type": "application/x-www-form-urlencoded"}
        assert ask("POST", url, body, **headers, Authorization=SIGNED)[0] == expected


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "evillocalhost:{port}",
        "localhost:{other}",
        "localhost",
        "127.0.0.1",
        "0.0.0.0:{port}",
        "127.0.0.1:{port}, localhost:{port}",
        "sqs.eu-west-1.amazonaws.com.evil.example:{port}",
        "",
    ],
)
def test_a_foreign_host_is_refused_on_both_ports(cloud: ServedCloud, served: Served, host: str) -> None:
    deploy_api(cloud, "POST /orders")
    for url in (served.aws_url, f"{served.http_url}/orders"):
        port = port_of(url)
        name = host.format(port=port, other=port + 1)
        status, _, content = ask("POST", url, b"Action=ListQueues", Host=name, Authorization=SIGNED)
        assert status == 403
        reason = json.loads(content)["message"]
        assert reason == f"Host {name!r} is not served here; use localhost:{port} or 127.0.0.1:{port}."
    assert cloud.invoked == []


def test_an_api_is_served_by_its_own_host_name(cloud: ServedCloud, served: Served) -> None:
    api = deploy_api(cloud, "GET /orders")
    deploy_api(cloud, "GET /other")
    for host in (f"{api}.execute-api.{REGION}.amazonaws.com", f"{api}.localhost:{port_of(served.http_url)}"):
        assert ask("GET", f"{served.http_url}/orders", Host=host)[0] == 204


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
def test_the_aws_endpoint_refuses_requests_of_any_page(served: Served, site: str) -> None:
    status, headers, content = ask("GET", f"{served.aws_url}/?Action=ListQueues", Sec_Fetch_Site=site)
    assert (status, headers["x-amzn-errortype"]) == (403, "AccessDenied")
    assert b"<Message>No page in a browser may use this endpoint.</Message>" in content


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example:3000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:3000"}, 204),
        ({"Origin": "http://[::1]:3000", "Sec-Fetch-Site": "cross-site"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 204),
        ({}, 204),
    ],
)
def test_the_http_api_refuses_requests_of_foreign_pages(
    cloud: ServedCloud, served: Served, headers: dict[str, str], expected: int
) -> None:
    deploy_api(cloud, "POST /orders")
    # What a page may send to any site without asking first: https://fetch.spec.whatwg.org/#simple-header
    response = ask("POST", f"{served.http_url}/orders", b"{}", Content_Type="text/plain", **headers)
    assert response[0] == expected
    assert len(cloud.invoked) == (expected == 204)


def test_page_allowed_by_cors_is_rejected_when_rebound(cloud: ServedCloud, served: Served) -> None:
    api = deploy_api(cloud, "GET /orders")
    allowed = "https://shop.example"
    cloud.client("apigatewayv2").update_api(ApiId=api, CorsConfiguration={"AllowOrigins": [allowed]})
    url = f"{served.http_url}/orders"
    status, headers, _ = ask("GET", url, Origin=allowed, Sec_Fetch_Site="cross-site")
    assert (status, headers["access-control-allow-origin"]) == (204, allowed)
    assert ask("GET", url, Origin="https://evil.example")[0] == 403
    assert ask("GET", url, Origin=allowed, Host="shop.example:8080")[0] == 403


@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("dynamodb", "list_tables"),
        ("sqs", "list_queues"),
        ("sns", "list_topics"),
        ("lambda", "list_functions"),
        ("cloudwatch", "describe_alarms"),
        ("cognito-idp", "list_identity_providers"),
        ("apigatewayv2", "get_apis"),
        ("s3", "list_buckets"),
    ],
)
def test_another_region_is_an_error_that_boto3_understands(served: Served, service: str, method: str) -> None:
    client: Any = boto3.client(  # type: ignore[call-overload]  # any service's name
        service, "ap-south-1", endpoint_url=served.aws_url, aws_access_key_id="a/b", aws_secret_access_key="b"
    )
    parameters = {"UserPoolId": "eu-west-1_0"} if service == "cognito-idp" else {}
    with pytest.raises(ClientError) as refused:
        getattr(client, method)(**parameters)
    assert refused.value.response["Error"] == refused.value.response["Error"] | {
        "Code": "InvalidSignatureException",
        "Message": "Credential should be scoped to a valid region, not 'ap-south-1': "
        "the offline cloud serves eu-west-1 alone.",
    }
    metadata = refused.value.response["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (403, 0)
    assert metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_a_global_service_is_served_by_its_own_region(served: Served) -> None:
    client = boto3.client(
        "iam", "us-east-1", endpoint_url=served.aws_url, aws_access_key_id="a", aws_secret_access_key="b"
    )
    response = client.list_users()
    assert response["Users"] == []
