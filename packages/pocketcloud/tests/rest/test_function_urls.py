"""Function URLs without authentication.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import function
from rest_stack import ECHO

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see:"
    " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
CORS = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["*"], "MaxAge": 60}


def permission(**more: Any) -> dict[str, Any]:
    properties = {"FunctionName": {"Ref": "F"}, "Principal": "*", **more}
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def with_url(source: str = ECHO, **url: Any) -> dict[str, Any]:
    """Return a function with a URL and the two permissions, as the CDK makes them."""
    given = {"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": ["F", "Arn"]}, **url}
    return {
        **function(Code={"ZipFile": source}),
        "Url": {"Type": "AWS::Lambda::Url", "Properties": given},
        "Use": permission(Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE"),
        "Invoke": permission(Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True),
    }


def test_event_has_payload_format_two(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(with_url())
    headers = {"Content-Type": "text/plain", "Cookie": "a=1; b=2"}
    event = cloud.http("POST", "/a%2Fb?q=1&q=2", body="hi", headers=headers).json()
    context = event["requestContext"]
    assert (event["version"], event["routeKey"]) == ("2.0", "$default")
    # The path stays percent-encoded: github.com/middleapi/standard-server/pull/93
    assert (event["rawPath"], context["http"]["path"]) == ("/a%2Fb", "/a%2Fb")
    assert (event["queryStringParameters"], event["cookies"]) == ({"q": "1,2"}, ["a=1", "b=2"])
    assert (event["body"], event["isBase64Encoded"]) == ("hi", False)
    assert (context["accountId"], context["stage"]) == ("anonymous", "$default")
    url = cloud.client("lambda").get_function_url_config(FunctionName="f")["FunctionUrl"]
    assert url == f"https://{context['domainName']}/"
    assert context["domainName"] == f"{context['apiId']}.lambda-url.eu-west-1.on.aws"


@pytest.mark.parametrize(
    ("result", "status", "body", "content_type"),
    [
        # An AWS-validated record, dated 24-11-2025: test_lambda_url_invocation of
        # github.com/localstack/localstack
        ("{'hello': 'world'}", 200, '{"hello": "world"}', "application/json"),
        ("'hello'", 200, "hello", "application/json"),
        ("['hello', 3, True]", 200, '["hello", 3, true]', "application/json"),
        ("{'statusCode': 201, 'body': 'b'}", 201, "b", "application/json"),
        ("{'statusCode': 200, 'headers': {'content-type': 'text/x'}}", 200, "", "text/x"),
        ("1 / 0", 502, "Internal Server Error", "text/plain"),
        ("{'statusCode': 'x'}", 502, "Internal Server Error", "text/plain"),
    ],
)
def test_result_becomes_the_reply(  # noqa: PLR0913, PLR0917 - the cases
    cloud: OfflineCloud, deploy: Deploy, result: str, status: int, body: str, content_type: str
) -> None:
    deploy(with_url(f"def handle(event, context):\n    return {result}\n"))
    reply = cloud.http("GET", "/")
    assert (reply.status, reply.body, reply.headers["content-type"]) == (status, body, content_type)
    assert reply.headers["x-amzn-requestid"]


@pytest.mark.parametrize("missing", ["Use", "Invoke"])
def test_url_is_forbidden_without_both_permissions(cloud: OfflineCloud, deploy: Deploy, missing: str) -> None:
    # Both since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    resources = with_url()
    del resources[missing]
    deploy(resources)
    reply = cloud.http("GET", "/")
    assert (reply.status, reply.json()) == (403, {"Message": FORBIDDEN})
    assert reply.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_permission_is_for_the_authentication_type_alone(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = with_url()
    resources["Use"] = permission(Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM")
    deploy(resources)
    assert cloud.http("GET", "/").status == 403


def test_permission_through_the_url_is_no_other(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(with_url())
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    denial = cloud.access.authorize_service("s3.amazonaws.com", "lambda:InvokeFunction", arn, source_arn=arn)
    assert denial is not None


def test_preflight_returns_the_cors_configuration(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(with_url(Cors=CORS))
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    reply = cloud.http("OPTIONS", "/", headers=headers)
    assert (reply.status, reply.body) == (200, "")
    assert reply.headers["access-control-allow-origin"] == "https://a.example"
    assert (reply.headers["access-control-allow-methods"], reply.headers["access-control-max-age"]) == (
        "*",
        "60",
    )
    assert cloud.journal.hops == []


def test_reply_is_marked_for_allowed_origins_alone(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(with_url(Cors=CORS))
    allowed = cloud.http("GET", "/", headers={"Origin": "https://a.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    other = cloud.http("GET", "/", headers={"Origin": "https://b.example"})
    assert (other.status, "access-control-allow-origin" in other.headers) == (200, False)


def test_qualifier_selects_the_alias(cloud: OfflineCloud, deploy: Deploy) -> None:
    live = {"FunctionName": {"Ref": "F"}, "FunctionVersion": "$LATEST", "Name": "live"}
    resources = with_url(Qualifier="live")
    resources["Alias"] = {"Type": "AWS::Lambda::Alias", "Properties": live}
    resources["Url"]["DependsOn"] = "Alias"
    deploy(resources)
    assert cloud.http("GET", "/").status == 403
    for name in ("Use", "Invoke"):
        resources[name]["Properties"]["FunctionName"] = {"Ref": "Alias"}
    deploy(resources)
    assert cloud.http("GET", "/").status == 200


def test_body_above_six_megabytes_is_rejected(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    deploy(with_url())
    assert cloud.http("POST", "/", body=b"x" * (6 * 1024 * 1024 + 1)).status == 413


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"AuthType": "AWS_IAM"}, "does not support AuthType AWS_IAM, only NONE"),
        ({"InvokeMode": "RESPONSE_STREAM"}, "does not support InvokeMode RESPONSE_STREAM, only BUFFERED"),
        ({"Cors": {"AllowCredentials": True}}, "Cors.AllowCredentials"),
    ],
)
def test_unsupported_url_is_rejected_by_name(deploy: Deploy, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(with_url(**settings))


def test_second_url_of_a_function_is_rejected(deploy: Deploy) -> None:
    resources = with_url()
    resources["Second"] = resources["Url"]
    with pytest.raises(DeployError, match="f has a URL"):
        deploy(resources)


def test_url_keeps_its_address_while_it_is_updated(cloud: OfflineCloud, deploy: Deploy) -> None:
    def address() -> str:
        return str(cloud.client("lambda").get_function_url_config(FunctionName="f")["FunctionUrl"])

    deploy(with_url())
    before = address()
    deploy(with_url(Cors=CORS))
    assert address() == before
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-max-age" in cloud.http("OPTIONS", "/", headers=headers).headers
    deploy(with_url())
    assert "access-control-max-age" not in cloud.http("OPTIONS", "/", headers=headers).headers


def test_deleted_url_is_gone(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = with_url()
    deploy(resources)
    deploy({name: each for name, each in resources.items() if name != "Url"})
    with pytest.raises(NotImplementedError, match="0 HTTP APIs are deployed"):
        cloud.http("GET", "/", customer=None)


def test_url_is_replaced_when_its_function_changes(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = with_url()
    other = function(FunctionName="g", Code={"ZipFile": ECHO})
    resources["G"] = other["F"]
    deploy(resources)
    resources["Url"]["Properties"]["TargetFunctionArn"] = {"Fn::GetAtt": ["G", "Arn"]}
    deploy(resources)
    assert cloud.client("lambda").get_function_url_config(FunctionName="g")["FunctionUrl"]
    with pytest.raises(cloud.client("lambda").exceptions.ResourceNotFoundException):
        cloud.client("lambda").get_function_url_config(FunctionName="f")
