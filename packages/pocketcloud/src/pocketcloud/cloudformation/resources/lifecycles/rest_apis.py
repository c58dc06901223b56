"""Changes and deletion of REST APIs and their parts."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle, Update, keep


def _deferred(module: str, function: str) -> Callable[..., Any]:
    """Return a function of a module that imports moto's REST APIs, which nothing else needs."""

    def call(*arguments: Any) -> Any:
        found = import_module(f"pocketcloud.cloudformation.resources.{module}")
        return getattr(found, function)(*arguments)

    return call


def _lifecycle(module: str, noun: str, *replaces: str, custom_name: str | None = None) -> Lifecycle:
    update: Update = _deferred(module, f"update_{noun}")
    return Lifecycle(
        update=update,
        delete=_deferred(module, f"delete_{noun}"),
        replaces=frozenset(replaces),
        custom_name=custom_name,
    )


def _keep_account(existing: Existing, _: Any) -> Any:
    return existing.created


LIFECYCLES = {
    "AWS::ApiGateway::RestApi": _lifecycle("rest_apis", "api"),
    "AWS::ApiGateway::Resource": Lifecycle(delete=_deferred("rest_apis", "delete_resource")),
    "AWS::ApiGateway::Method": _lifecycle("rest_methods", "method", "HttpMethod", "ResourceId", "RestApiId"),
    "AWS::ApiGateway::Deployment": _lifecycle("rest_apis", "deployment", "RestApiId"),
    "AWS::ApiGateway::Stage": _lifecycle(
        "rest_apis", "stage", "RestApiId", "StageName", custom_name="StageName"
    ),
    "AWS::ApiGateway::Account": Lifecycle(update=_keep_account, delete=keep),
    "AWS::ApiGateway::Authorizer": _lifecycle("rest_access", "authorizer", "RestApiId"),
    "AWS::ApiGateway::RequestValidator": _lifecycle("rest_access", "validator", "Name", "RestApiId"),
    "AWS::ApiGateway::Model": _lifecycle(
        "rest_access", "model", "ContentType", "Name", "RestApiId", custom_name="Name"
    ),
    "AWS::ApiGateway::GatewayResponse": _lifecycle(
        "rest_access", "gateway_response", "ResponseType", "RestApiId"
    ),
    "AWS::ApiGateway::ApiKey": _lifecycle("rest_keys", "key", "GenerateDistinctId", "Name", "Value"),
    "AWS::ApiGateway::UsagePlan": _lifecycle("rest_keys", "plan"),
    "AWS::ApiGateway::UsagePlanKey": Lifecycle(delete=_deferred("rest_keys", "delete_plan_key")),
}
