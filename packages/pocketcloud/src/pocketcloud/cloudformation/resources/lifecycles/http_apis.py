"""Changes and deletion of HTTP APIs and their parts."""

from collections.abc import Callable

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources import apigatewayv2
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle, Update
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update(operation: str, id_name: str, given: tuple[str, ...]) -> Update:
    def update(existing: Existing, request: CreateRequest) -> Created:
        old, new = existing.properties, request.properties
        if removed := [name for name in given if name in old and name not in new]:
            raise ResourceError(f"{', '.join(removed)}: cannot be removed in place offline")
        parameters = {id_name: existing.physical_id, **request.pick(*given)}
        getattr(existing.client("apigatewayv2"), operation)(**parameters)
        return existing.created

    return update


def _delete(operation: str, id_name: str) -> Callable[[Existing], None]:
    def delete(existing: Existing) -> None:
        part = {id_name: existing.physical_id, "ApiId": existing.properties["ApiId"]}
        getattr(existing.client("apigatewayv2"), operation)(**part)

    return delete


def _delete_api(existing: Existing) -> None:
    existing.client("apigatewayv2").delete_api(ApiId=existing.physical_id)


_API = tuple(name for name in apigatewayv2.API if name != "ProtocolType")
LIFECYCLES = {
    "AWS::ApiGatewayV2::Api": Lifecycle(
        update=_update("update_api", "ApiId", _API),
        delete=_delete_api,
        replaces=frozenset({"ProtocolType"}),
    ),
    "AWS::ApiGatewayV2::Authorizer": Lifecycle(
        update=_update("update_authorizer", "AuthorizerId", apigatewayv2.AUTHORIZER),
        delete=_delete("delete_authorizer", "AuthorizerId"),
        replaces=frozenset({"ApiId"}),
    ),
    "AWS::ApiGatewayV2::Integration": Lifecycle(
        update=_update("update_integration", "IntegrationId", apigatewayv2.INTEGRATION),
        delete=_delete("delete_integration", "IntegrationId"),
        replaces=frozenset({"ApiId"}),
    ),
    "AWS::ApiGatewayV2::Route": Lifecycle(
        update=_update("update_route", "RouteId", apigatewayv2.ROUTE),
        delete=_delete("delete_route", "RouteId"),
        replaces=frozenset({"ApiId"}),
    ),
    "AWS::ApiGatewayV2::Stage": Lifecycle(
        update=_update("update_stage", "StageName", apigatewayv2.STAGE),
        delete=_delete("delete_stage", "StageName"),
        replaces=frozenset({"ApiId", "StageName"}),
        custom_name="StageName",
    ),
}
