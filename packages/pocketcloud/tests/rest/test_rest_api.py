"""A deployed REST API responds as API Gateway does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_stack import PROXY, permission, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.apigateway.http_api import UnsupportedHttpApiError
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
PLAIN: dict[str, Any] = {}


def test_event_has_the_documented_fields(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    deploy(rest_stack({"POST /items/{id}": PLAIN}, stage={"Variables": {"color": "red"}}))
    headers = {"X-Case": "Kept", "User-Agent": "test"}
    event = cloud.http("POST", "/prod/items/i%2B1?a=1&a=2&b=%20&c=", body="hi", headers=headers).json()
    context = event.pop("requestContext")
    assert event["headers"]["X-Case"] == "Kept"
    assert event["multiValueHeaders"]["X-Case"] == ["Kept"]
    del event["headers"], event["multiValueHeaders"]
    # An AWS-validated record, dated 02-08-2024: the path stays encoded, the last value of a query counts.
    # github.com/localstack/localstack, test_lambda_aws_proxy_integration
    assert event == {
        "resource": "/items/{id}",
        "path": "/items/i%2B1",
        "httpMethod": "POST",
        "queryStringParameters": {"a": "2", "b": " ", "c": ""},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": [" "], "c": [""]},
        "pathParameters": {"id": "i%2B1"},
        "stageVariables": {"color": "red"},
        "body": "hi",
        "isBase64Encoded": False,
    }
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    assert context["apiId"] == context["domainPrefix"] == api["id"]
    assert context["domainName"] == f"{api['id']}.execute-api.eu-west-1.amazonaws.com"
    assert (context["accountId"], context["stage"]) == ("123456789012", "prod")
    assert (context["path"], context["resourcePath"]) == ("/prod/items/i%2B1", "/items/{id}")
    assert context["requestTimeEpoch"] == int(cloud.clock.now().timestamp() * 1000)
    identity = context["identity"]
    assert (identity["sourceIp"], identity["userAgent"], identity["user"]) == ("127.0.0.1", "test", None)


def test_absent_parts_of_a_request_are_null(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": PLAIN}))
    event = cloud.http("GET", "/prod").json()
    nulls = {name for name, value in event.items() if value is None}
    assert nulls == {
        "body",
        "multiValueQueryStringParameters",
        "pathParameters",
        "queryStringParameters",
        "stageVariables",
    }
    assert (event["path"], event["requestContext"]["path"]) == ("/", "/prod")


@pytest.mark.parametrize(
    ("path", "proxy", "seen"),
    [
        # The same record, dated 02-08-2024.
        ("/prod/a", "a", "/a"),
        ("/prod/a/", "a", "/a/"),
        ("/prod/a//b", "a//b", "/a//b"),
        ("/prod//a", "a", "/a"),
        ("//prod/a", "a", "/a"),
    ],
)
def test_greedy_parameter_loses_only_the_outer_slashes(
    cloud: OfflineCloud, deploy: Deploy, path: str, proxy: str, seen: str
) -> None:
    deploy(rest_stack({"ANY /{proxy+}": PLAIN}))
    event = cloud.http("GET", path).json()
    assert (event["pathParameters"], event["path"]) == ({"proxy": proxy}, seen)
    assert event["resource"] == "/{proxy+}"


@pytest.mark.parametrize(
    ("request_line", "served"),
    [
        # Measured on AWS: github.com/ministackorg/ministack/pull/1423 and github.com/floci-io/floci/pull/3399
        ("GET /jobs/reboot", "/jobs/{operation}"),
        ("GET /jobs", "/{proxy+}"),
        ("POST /jobs/reboot", "/{proxy+}"),
        ("GET /cors", "/{proxy+}"),
        ("PATCH /users/me", "/users/me"),
        ("GET /users/me", "/users/{user}"),
    ],
)
def test_request_reaches_the_best_resource_with_the_method(
    cloud: OfflineCloud, deploy: Deploy, request_line: str, served: str
) -> None:
    keys = (
        "ANY /{proxy+}",
        "GET /jobs/{operation}",
        "OPTIONS /cors",
        "PATCH /users/me",
        "GET /users/{user}",
    )
    deploy(rest_stack(dict.fromkeys(keys, PLAIN)))
    method, _, path = request_line.partition(" ")
    assert cloud.http(method, f"/prod{path}").json()["resource"] == served


@pytest.mark.parametrize("request_line", ["GET /prod/nowhere", "DELETE /prod/items", "GET /prod"])
def test_unknown_route_is_a_missing_authentication_token(
    cloud: OfflineCloud, deploy: Deploy, request_line: str
) -> None:
    # An AWS-validated record, dated 23-07-2024: github.com/localstack/localstack, test_routing_not_found
    deploy(rest_stack({"GET /items": PLAIN}))
    method, _, path = request_line.partition(" ")
    reply = cloud.http(method, path)
    assert (reply.status, reply.body) == (403, '{"message":"Missing Authentication Token"}')
    assert reply.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert reply.headers["x-amzn-requestid"]
    assert reply.headers["x-amz-apigw-id"]


def test_unknown_stage_is_forbidden(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /items": PLAIN}))
    reply = cloud.http("GET", "/dev/items")
    assert (reply.status, reply.body) == (403, '{"message":"Forbidden"}')


def test_disabled_endpoint_is_forbidden(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /items": PLAIN}, api={"DisableExecuteApiEndpoint": True}))
    assert cloud.http("GET", "/prod/items").status == 403


@pytest.mark.parametrize("source", ["raise RuntimeError", "return 'text'"])
def test_failed_or_malformed_function_is_a_bad_gateway(
    cloud: OfflineCloud, deploy: Deploy, source: str
) -> None:
    deploy(rest_stack({"GET /": PLAIN}, source=f"def handle(event, context):\n    {source}\n"))
    reply = cloud.http("GET", "/prod")
    assert (reply.status, reply.body) == (502, '{"message":"Internal server error"}')
    assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"


def test_slow_function_is_a_gateway_timeout(cloud: OfflineCloud, deploy: Deploy) -> None:
    source = "import time\ndef handle(event, context):\n    time.sleep(2)\n    return {}\n"
    quick = {"Integration": {**PROXY, "TimeoutInMillis": 1_500}}
    resources = rest_stack({"GET /quick": quick, "GET /slow": PLAIN}, source=source)
    resources["F"]["Properties"]["Timeout"] = 30
    deploy(resources)
    reply = cloud.http("GET", "/prod/quick")
    assert (reply.status, reply.body) == (504, '{"message":"Endpoint request timed out"}')
    assert cloud.http("GET", "/prod/slow").status == 200


def test_function_without_permission_is_a_server_error(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = rest_stack({"GET /items/{id}": PLAIN, "POST /items/{id}": PLAIN})
    arn = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/prod/GET/items/*"
    resources["Permission"] = permission(SourceArn={"Fn::Sub": arn})
    deploy(resources)
    assert cloud.http("GET", "/prod/items/1").status == 200
    reply = cloud.http("POST", "/prod/items/1")
    assert (reply.status, reply.body) == (500, '{"message":"Internal server error"}')
    assert cloud.access.denials[-1].action == "lambda:InvokeFunction"


def test_body_above_ten_megabytes_is_rejected(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"POST /": PLAIN}))
    assert cloud.http("POST", "/prod", body=b"x" * (10 * 1024 * 1024 + 1)).status == 413


def test_stage_variable_names_the_alias_to_invoke(cloud: OfflineCloud, deploy: Deploy) -> None:
    arn = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}:${!stageVariables.a}"
    method = {"Integration": {**PROXY, "Uri": {"Fn::Sub": f"{arn}/invocations"}}}
    live = {"FunctionName": {"Ref": "F"}, "FunctionVersion": "$LATEST", "Name": "live"}
    others = {
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": live},
        "Permission": permission(FunctionName={"Ref": "Alias"}),
    }
    deploy(rest_stack({"GET /": method}, stage={"Variables": {"a": "live"}}, others=others))
    assert cloud.http("GET", "/prod").status == 200


def test_responses_are_counted_by_api_and_stage(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    deploy(rest_stack({"GET /": PLAIN}))
    cloud.http("GET", "/prod")
    cloud.http("GET", "/prod/nowhere")
    cloud.advance(minutes=1)
    began = cloud.clock.now() - timedelta(minutes=5)
    for dimensions in ({"ApiName": "shop"}, {"ApiName": "shop", "Stage": "prod"}):
        sums = {}
        for name in ("Count", "4XXError", "5XXError"):
            query = {
                "Namespace": "AWS/ApiGateway",
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            }
            queries = [{"Id": "m", "MetricStat": {"Metric": query, "Period": 60, "Stat": "Sum"}}]
            found = cloud.client("cloudwatch").get_metric_data(
                MetricDataQueries=queries, StartTime=began, EndTime=cloud.clock.now()
            )
            sums[name] = sum(found["MetricDataResults"][0]["Values"])
        assert sums == {"Count": 2, "4XXError": 1, "5XXError": 0}


def test_deployment_of_the_api_alone_is_rejected(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": PLAIN}))
    gateway = cloud.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    gateway.create_deployment(restApiId=api["id"], stageName="other")
    with pytest.raises(UnsupportedHttpApiError, match="was not made by CloudFormation"):
        cloud.http("GET", "/other")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"AuthorizationType": "AWS_IAM"},
            "does not support AuthorizationType AWS_IAM, only COGNITO_USER_POOLS, CUSTOM, NONE",
        ),
        (
            {"Integration": {"Type": "HTTP_PROXY", "Uri": "https://a.example"}},
            "does not support Integration.Type HTTP_PROXY, only",
        ),
        (
            {"Integration": {"Type": "AWS", "Uri": "arn:aws:apigateway:eu-west-1:sqs:path/q"}},
            "does not support Integration.Type AWS, only AWS_PROXY, MOCK",
        ),
        ({"Integration": {**PROXY, "Uri": "arn:aws:apigateway:eu-west-1:sqs:path/q"}}, "is no function"),
        ({"Integration": {**PROXY, "IntegrationHttpMethod": "GET"}}, "invoked with POST"),
        ({"AuthorizationType": "CUSTOM", "AuthorizerId": "none"}, "none is no authorizer"),
        ({"RequestValidatorId": "none"}, "there is no request validator none"),
        ({"RequestModels": {"application/json": "None"}}, "there is no model None"),
    ],
)
def test_unsupported_method_is_rejected_by_name(
    deploy: Deploy, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(rest_stack({"GET /": settings}))


@pytest.mark.parametrize(
    ("methods", "message"),
    [({}, "doesn't contain any methods"), ({"GET /{all+}/more": PLAIN}, "nothing can follow")],
)
def test_impossible_api_is_rejected(deploy: Deploy, methods: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(rest_stack(methods))


def test_computed_unsupported_value_is_rejected_at_its_resource(deploy: Deploy) -> None:
    method = {"AuthorizationType": {"Fn::Join": ["_", ["AWS", "IAM"]]}}
    with pytest.raises(DeployError, match=r"shop/GET0 .*: AuthorizationType: AWS_IAM is not supported"):
        deploy(rest_stack({"GET /": method}))


def test_all_unsupported_methods_are_named_before_anything_is_created(
    cloud: OfflineCloud, deploy: Deploy
) -> None:
    queue = {"Integration": {"Type": "AWS", "Uri": "arn:aws:apigateway:eu-west-1:sqs:path/q"}}
    with pytest.raises(DeployError) as refused:
        deploy(rest_stack({"GET /a": queue, "GET /b": queue}))
    assert str(refused.value).count("does not support Integration.Type AWS") == 2
    assert cloud.client("lambda").list_functions()["Functions"] == []
