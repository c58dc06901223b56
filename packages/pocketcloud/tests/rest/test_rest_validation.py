"""Request validators of a REST API, with models.

The messages are of an AWS-validated record, dated 10-01-2024:
github.com/localstack/localstack, test_api_gateway_request_validator
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "number", "minimum": 0, "exclusiveMinimum": True}},
}
PARAMETERS = {
    "method.request.header.x-header-param": True,
    "method.request.path.issuer": True,
    "method.request.querystring.qs1": True,
    "method.request.querystring.optional": False,
}


def validated(*, body: bool = False, parameters: bool = False, schema: Any = SCHEMA) -> dict[str, Any]:
    checks: dict[str, Any] = {"ValidateRequestBody": body, "ValidateRequestParameters": parameters}
    others = {
        "Model": part("Model", RestApiId=API, ContentType="application/json", Schema=schema),
        "Validator": part("RequestValidator", RestApiId=API, **checks),
    }
    method = {
        "RequestValidatorId": {"Ref": "Validator"},
        "RequestModels": {"application/json": {"Ref": "Model"}},
        "RequestParameters": PARAMETERS,
    }
    return rest_stack({"POST /{issuer}": method, "POST /free": {}}, others=others)


def test_missing_parameters_are_named_in_order(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(validated(parameters=True))
    # "Not blank": https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
    reply = cloud.http("POST", "/prod/a?qs1=%20", headers={"x-header-param": ""})
    message = "Missing required request parameters: [x-header-param, qs1]"
    assert (reply.status, reply.json()) == (400, {"message": message})
    assert reply.headers["x-amzn-errortype"] == "BadRequestException"
    assert cloud.http("POST", "/prod/a?qs1=1", headers={"x-header-param": "1"}).status == 200


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"a": "1"}', '{"a": 0}'])
def test_body_is_invalid_when_it_breaks_the_model(cloud: OfflineCloud, deploy: Deploy, body: str) -> None:
    # Draft 4: `exclusiveMinimum` is a flag.
    deploy(validated(body=True))
    reply = cloud.http("POST", "/prod/a", body=body)
    assert (reply.status, reply.json()) == (400, {"message": "Invalid request body"})
    assert cloud.http("POST", "/prod/a", body='{"a": 1}').status == 200


def test_body_of_another_content_type_is_not_validated(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(validated(body=True))
    assert cloud.http("POST", "/prod/a", body="x", headers={"Content-Type": "text/plain"}).status == 200
    with_charset = {"Content-Type": "application/json; charset=utf-8"}
    assert cloud.http("POST", "/prod/a", body="x", headers=with_charset).status == 400


def test_nothing_is_validated_unless_the_validator_says_so(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(validated())
    assert cloud.http("POST", "/prod/a", body="x").status == 200


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "nothing"}, "'nothing' is not valid"),
        ({"$ref": "https://apigateway.amazonaws.com/restapis/a/models/B"}, "the API has no model https"),
    ],
)
def test_unusable_schema_is_rejected(deploy: Deploy, schema: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(validated(body=True, schema=schema))


def test_reference_within_the_schema_is_followed(cloud: OfflineCloud, deploy: Deploy) -> None:
    schema = {"definitions": {"n": {"type": "number"}}, "properties": {"a": {"$ref": "#/definitions/n"}}}
    deploy(validated(body=True, schema=schema))
    assert cloud.http("POST", "/prod/a", body='{"a": "x"}').status == 400


def test_reference_to_another_model_is_followed(cloud: OfflineCloud, deploy: Deploy) -> None:
    # As in an AWS-validated record, dated 28-10-2024: github.com/localstack/localstack,
    # test_api_gateway_request_validator_with_ref_models
    place = "https://apigateway.amazonaws.com/restapis/${Api}/models/${One}"
    resources = validated(body=True, schema={"type": "array", "items": {"$ref": {"Fn::Sub": place}}})
    resources["One"] = part("Model", RestApiId=API, Name="One", Schema=SCHEMA)
    deploy(resources)
    assert cloud.http("POST", "/prod/a", body='[{"a": 1}, {"a": 2}]').status == 200
    assert cloud.http("POST", "/prod/a", body='[{"a": 1}, {}]').status == 400
