"""The effect of a changed REST API, or a part of one, when the assembly is deployed again."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import StackUpdateError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
Resources = dict[str, Any]
MOCK: dict[str, Any] = {
    "Integration": {
        "Type": "MOCK",
        "RequestTemplates": {"application/json": '{"statusCode": 200}'},
        "IntegrationResponses": [{"StatusCode": "200"}],
    }
}


def status(cloud: OfflineCloud, path: str, method: str = "GET") -> int:
    return cloud.http(method, path).status


def api_id(cloud: OfflineCloud) -> str:
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    return str(api["id"])


def test_method_is_served_from_the_next_deployment_on(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
    deploy(rest_stack({"GET /a": MOCK}))
    before = api_id(cloud)
    grown = rest_stack({"GET /a": MOCK, "GET /b": MOCK})
    grown["DeploymentOne"].pop("DependsOn")
    deploy(grown)
    assert (status(cloud, "/prod/a"), status(cloud, "/prod/b")) == (200, 403)
    deploy(rest_stack({"GET /a": MOCK, "GET /b": MOCK}, deployment="Two"))
    assert (status(cloud, "/prod/a"), status(cloud, "/prod/b")) == (200, 200)
    assert api_id(cloud) == before
    assert len(cloud.client("apigateway").get_deployments(restApiId=before)["items"]) == 1


def test_changed_method_is_served_from_the_next_deployment_on(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /a": MOCK}))
    keyed = {**MOCK, "ApiKeyRequired": True}
    deploy(rest_stack({"GET /a": keyed}))
    assert status(cloud, "/prod/a") == 200
    deploy(rest_stack({"GET /a": keyed}, deployment="Two"))
    assert status(cloud, "/prod/a") == 403


def test_deleted_method_is_gone_after_the_second_deployment(cloud: OfflineCloud, deploy: Deploy) -> None:
    # CloudFormation deletes last: the deployment of the same update still has the method.
    deploy(rest_stack({"GET /a": MOCK, "POST /a": MOCK}))
    deploy(rest_stack({"GET /a": MOCK}, deployment="Two"))
    assert status(cloud, "/prod/a", "POST") == 200
    deploy(rest_stack({"GET /a": MOCK}, deployment="Three"))
    assert (status(cloud, "/prod/a", "POST"), status(cloud, "/prod/a")) == (403, 200)


def test_stage_variables_change_at_once(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": {}}, stage={"Variables": {"a": "1"}}))
    deploy(rest_stack({"GET /": {}}, stage={"Variables": {"b": "2"}}))
    assert cloud.http("GET", "/prod").json()["stageVariables"] == {"b": "2"}


def test_renamed_stage_replaces_the_old_one(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": MOCK}))
    deploy(rest_stack({"GET /": MOCK}, stage={"StageName": "live"}))
    reply = cloud.http("GET", "/prod")
    assert (status(cloud, "/live"), reply.status, reply.json()) == (200, 403, {"message": "Forbidden"})


def test_api_changes_in_place(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": MOCK}))
    before = api_id(cloud)
    deploy(rest_stack({"GET /": MOCK}, api={"Name": "other", "DisableExecuteApiEndpoint": True}))
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    assert (api["id"], api["name"], status(cloud, "/prod")) == (before, "other", 403)


def test_resource_is_replaced_when_its_path_changes(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = rest_stack({"GET /a": MOCK})
    deploy(resources)
    resources["Patha"]["Properties"]["PathPart"] = "b"
    resources["DeploymentTwo"] = resources.pop("DeploymentOne")
    resources["Stage"]["Properties"]["DeploymentId"] = {"Ref": "DeploymentTwo"}
    deploy(resources)
    assert status(cloud, "/prod/b") == 200
    paths = [
        each["path"] for each in cloud.client("apigateway").get_resources(restApiId=api_id(cloud))["items"]
    ]
    assert sorted(paths) == ["/", "/b"]


def test_deleted_api_takes_everything_with_it(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = rest_stack({"GET /a": MOCK}, others=parts())
    deploy(resources)
    deploy({name: resources[name] for name in ("Role", "F")})
    gateway = cloud.client("apigateway")
    assert gateway.get_rest_apis()["items"] == []
    assert gateway.get_api_keys()["items"] == []
    assert gateway.get_usage_plans()["items"] == []


def parts(**changes: Any) -> Resources:
    """Return one of each other part of a REST API."""
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"
    given: dict[str, tuple[str, dict[str, Any]]] = {
        "Account": ("Account", {"CloudWatchRoleArn": "arn:aws:iam::123456789012:role/a"}),
        "Guard": (
            "Authorizer",
            {"RestApiId": API, "Name": "g", "Type": "TOKEN", "AuthorizerUri": {"Fn::Sub": uri}},
        ),
        "Validator": ("RequestValidator", {"RestApiId": API, "Name": "v"}),
        "Model": ("Model", {"RestApiId": API, "Name": "M", "Schema": {"type": "object"}}),
        "Response": ("GatewayResponse", {"RestApiId": API, "ResponseType": "DEFAULT_4XX"}),
        "Key": ("ApiKey", {"Name": "k", "Enabled": True}),
        "Plan": ("UsagePlan", {"UsagePlanName": "p"}),
        "Member": (
            "UsagePlanKey",
            {"KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}},
        ),
    }
    return {name: part(kind, **{**each, **changes.get(name, {})}) for name, (kind, each) in given.items()}


@pytest.mark.parametrize(
    ("name", "change", "read", "expected"),
    [
        ("Guard", {"AuthorizerResultTtlInSeconds": 9}, "authorizers", 9),
        ("Validator", {"ValidateRequestBody": True}, "request_validators", True),
        ("Model", {"Description": "d"}, "models", "d"),
        ("Response", {"StatusCode": 418}, "gateway_responses", "418"),
        ("Key", {"Enabled": False}, "api_keys", False),
        ("Plan", {"Description": "d"}, "usage_plans", "d"),
    ],
)
def test_part_changes_in_place(  # noqa: PLR0913, PLR0917 - the cases
    cloud: OfflineCloud, deploy: Deploy, name: str, change: dict[str, Any], read: str, expected: object
) -> None:
    deploy(rest_stack({"GET /": MOCK}, others=parts()))
    gateway = cloud.client("apigateway")
    given = {} if name in {"Key", "Plan"} else {"restApiId": api_id(cloud)}

    def shown() -> Any:
        (item,) = getattr(gateway, f"get_{read}")(**given)["items"]
        return item

    before = shown()
    deploy(rest_stack({"GET /": MOCK}, others=parts(**{name: change})))
    after = shown()
    assert before.get("id") == after.get("id")
    changed = [value for key, value in after.items() if value != before.get(key)]
    assert str(expected) in {str(value) for value in changed}


@pytest.mark.parametrize(
    ("name", "change", "read"),
    [
        ("Validator", {"Name": "w"}, "request_validators"),
        ("Model", {"Name": "N"}, "models"),
        ("Response", {"ResponseType": "DEFAULT_5XX"}, "gateway_responses"),
        ("Key", {"Name": "l"}, "api_keys"),
    ],
)
def test_part_is_replaced_when_its_identity_changes(
    cloud: OfflineCloud, deploy: Deploy, name: str, change: dict[str, Any], read: str
) -> None:
    deploy(rest_stack({"GET /": MOCK}, others=parts()))
    deploy(rest_stack({"GET /": MOCK}, others=parts(**{name: change})))
    given = {} if name == "Key" else {"restApiId": api_id(cloud)}
    (item,) = getattr(cloud.client("apigateway"), f"get_{read}")(**given)["items"]
    assert next(iter(change.values())) in item.values()


def test_deleted_parts_are_gone(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": MOCK}, others=parts()))
    deploy(rest_stack({"GET /": MOCK}))
    gateway, api = cloud.client("apigateway"), api_id(cloud)
    left = [
        gateway.get_authorizers(restApiId=api)["items"],
        gateway.get_request_validators(restApiId=api)["items"],
        gateway.get_models(restApiId=api)["items"],
        gateway.get_gateway_responses(restApiId=api)["items"],
        gateway.get_api_keys()["items"],
        gateway.get_usage_plans()["items"],
    ]
    assert left == [[]] * 6


def test_deployment_stays_while_another_stage_serves_it(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDeployment.html
    deploy(rest_stack({"GET /": MOCK}))
    gateway, api = cloud.client("apigateway"), api_id(cloud)
    (before,) = gateway.get_deployments(restApiId=api)["items"]
    gateway.create_stage(restApiId=api, stageName="mine", deploymentId=before["id"])
    deploy(rest_stack({"GET /": MOCK, "GET /b": MOCK}, deployment="Two"))
    assert len(gateway.get_deployments(restApiId=api)["items"]) == 2
    assert (status(cloud, "/mine"), status(cloud, "/mine/b"), status(cloud, "/prod/b")) == (200, 403, 200)


def test_failed_update_leaves_the_api_as_it_was(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(rest_stack({"GET /": MOCK}))
    broken = rest_stack({"GET /": {**MOCK, "ApiKeyRequired": True}, "POST /": MOCK}, deployment="Two")
    broken["POST1"]["Properties"]["AuthorizationType"] = {"Fn::Join": ["_", ["AWS", "IAM"]]}
    with pytest.raises(StackUpdateError, match="AWS_IAM is not supported"):
        deploy(broken)
    deploy(rest_stack({"GET /": MOCK}, deployment="Three"))
    assert status(cloud, "/prod") == 200
