"""Gateway responses: an API changes API Gateway's own responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
OPEN = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}


def changed(**responses: dict[str, Any]) -> dict[str, Any]:
    others = {
        f"Response{kind.replace('_', '')}": part(
            "GatewayResponse", RestApiId=API, ResponseType=kind, **settings
        )
        for kind, settings in responses.items()
    }
    failing = "def handle(event, context):\n    raise RuntimeError\n"
    return rest_stack({"GET /failing": {}}, source=failing, others=others)


def test_default_response_covers_its_class_alone(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(changed(DEFAULT_4XX={"ResponseParameters": OPEN}))
    assert cloud.http("GET", "/prod/nowhere").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in cloud.http("GET", "/prod/failing").headers


def test_own_type_precedes_the_default(cloud: OfflineCloud, deploy: Deploy) -> None:
    template = '{"type": "$context.error.responseType", "message": $context.error.messageString}'
    own = {"StatusCode": 404, "ResponseTemplates": {"application/json": template}}
    deploy(changed(DEFAULT_4XX={"ResponseParameters": OPEN}, MISSING_AUTHENTICATION_TOKEN=own))
    reply = cloud.http("GET", "/prod/nowhere")
    expected = {"type": "MISSING_AUTHENTICATION_TOKEN", "message": "Missing Authentication Token"}
    assert (reply.status, reply.json()) == (404, expected)
    assert "access-control-allow-origin" not in reply.headers


def test_template_uses_the_context_of_the_request(cloud: OfflineCloud, deploy: Deploy) -> None:
    text = "$context.httpMethod $context.stage $context.path $context.requestId $context.error.message"
    deploy(changed(DEFAULT_5XX={"ResponseTemplates": {"application/json": text}}))
    reply = cloud.http("GET", "/prod/failing")
    request_id = reply.headers["x-amzn-requestid"]
    assert reply.body == f"GET prod /prod/failing {request_id} Internal server error"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ResponseParameters": {"gatewayresponse.header.a": "context.requestId"}}, "with a literal"),
        ({"ResponseTemplates": {"text/plain": "x"}}, "only application/json is supported"),
        ({"ResponseTemplates": {"application/json": "$context.identity.caller"}}, "identity.caller"),
        ({"ResponseTemplates": {"application/json": "#if(true)x#end"}}, "#if is not supported"),
    ],
)
def test_response_that_computes_is_rejected_by_name(
    deploy: Deploy, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(changed(DEFAULT_4XX=settings))
