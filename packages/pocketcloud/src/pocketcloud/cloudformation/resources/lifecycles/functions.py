"""Changes and deletion of functions, their versions and layers, and of event source mappings."""

from typing import Any

from pocketcloud.cloudformation.resources import lambda_
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_CONFIGURATION_DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
}
_CONFIGURATION = frozenset({*_CONFIGURATION_DEFAULTS, "Handler", "LoggingConfig", "Role", "Runtime"})


def _update_function(existing: Existing, request: CreateRequest) -> Created:
    client, name = existing.client("lambda"), existing.physical_id
    code = lambda_.code_of(request)
    if existing.properties["Code"] != request.properties["Code"]:
        client.update_function_code(FunctionName=name, **code)
    old, new = existing.properties, request.properties
    compared = _CONFIGURATION - ({"Runtime"} if lambda_.is_provider(request) else set())
    changed = {each for each in compared if old.get(each) != new.get(each)}
    if changed:
        settings = {each: new.get(each, _CONFIGURATION_DEFAULTS.get(each)) for each in changed}
        client.update_function_configuration(FunctionName=name, **settings)
    return existing.created


def _delete_function(existing: Existing) -> None:
    existing.client("lambda").delete_function(FunctionName=existing.physical_id)


def _delete_version(existing: Existing) -> None:
    function, version = existing.physical_id.rsplit(":", 1)
    existing.client("lambda").delete_function(FunctionName=function, Qualifier=version)


def _delete_layer(existing: Existing) -> None:
    layer, version = existing.physical_id.rsplit(":", 1)
    existing.client("lambda").delete_layer_version(LayerName=layer, VersionNumber=int(version))


def _alias(existing: Existing) -> dict[str, str]:
    return {"FunctionName": existing.properties["FunctionName"], "Name": existing.properties["Name"]}


def _update_alias(existing: Existing, request: CreateRequest) -> Created:
    routing = lambda_.routing_of(request) or {"RoutingConfig": {"AdditionalVersionWeights": {}}}
    existing.client("lambda").update_alias(
        **_alias(existing),
        FunctionVersion=request.properties["FunctionVersion"],
        Description=request.properties.get("Description", ""),
        **routing,
    )
    return existing.created


def _delete_alias(existing: Existing) -> None:
    existing.client("lambda").delete_alias(**_alias(existing))


def _remove_permission(existing: Existing) -> None:
    function, _, qualifier = existing.properties["FunctionName"].rpartition(":function:")[2].partition(":")
    qualified = {"Qualifier": qualifier} if qualifier else {}
    existing.client("lambda").remove_permission(
        FunctionName=function, StatementId=existing.physical_id, **qualified
    )


def _update_invoke_config(_: Existing, request: CreateRequest) -> Created:
    return lambda_.configure_event_invoke(request)


def _delete_invoke_config(existing: Existing) -> None:
    properties = existing.properties
    existing.client("lambda").delete_function_event_invoke_config(
        FunctionName=properties["FunctionName"], Qualifier=properties["Qualifier"]
    )


_MAPPING_DEFAULTS: dict[str, Any] = {
    "BisectBatchOnFunctionError": False,
    "Enabled": True,
    "FilterCriteria": {"Filters": []},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ScalingConfig": {},
    "SourceAccessConfigurations": [],
}
"""https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html"""
_MAPPING = frozenset({*_MAPPING_DEFAULTS, "BatchSize", "DestinationConfig", "FunctionName"})


def _update_mapping(existing: Existing, request: CreateRequest) -> Created:
    """Keep the mapping, and so its position in a stream."""
    old, new = existing.properties, request.properties
    default_size = 10 if ":sqs:" in new["EventSourceArn"] else 100
    defaults = {**_MAPPING_DEFAULTS, "BatchSize": default_size, "DestinationConfig": {"OnFailure": {}}}
    changed = {each for each in _MAPPING if old.get(each) != new.get(each)}
    settings = {each: new.get(each, defaults.get(each)) for each in changed}
    existing.client("lambda").update_event_source_mapping(UUID=existing.physical_id, **settings)
    return existing.created


def _delete_mapping(existing: Existing) -> None:
    existing.client("lambda").delete_event_source_mapping(UUID=existing.physical_id)


LIFECYCLES = {
    "AWS::Lambda::Function": Lifecycle(
        update=_update_function,
        delete=_delete_function,
        replaces=frozenset({"FunctionName", "PackageType"}),
        unsupported=frozenset({"Architectures"}),
        custom_name="FunctionName",
    ),
    "AWS::Lambda::Version": Lifecycle(delete=_delete_version),
    "AWS::Lambda::LayerVersion": Lifecycle(delete=_delete_layer),
    "AWS::Lambda::Alias": Lifecycle(
        update=_update_alias,
        delete=_delete_alias,
        replaces=frozenset({"FunctionName", "Name"}),
        custom_name="Name",
    ),
    "AWS::Lambda::Permission": Lifecycle(delete=_remove_permission),
    "AWS::Lambda::EventInvokeConfig": Lifecycle(
        update=_update_invoke_config,
        delete=_delete_invoke_config,
        replaces=frozenset({"FunctionName", "Qualifier"}),
    ),
    "AWS::Lambda::EventSourceMapping": Lifecycle(
        update=_update_mapping,
        delete=_delete_mapping,
        replaces=frozenset({"EventSourceArn", "Queues", "StartingPosition", "StartingPositionTimestamp"}),
        unsupported=frozenset({"ParallelizationFactor", "TumblingWindowInSeconds"}),
    ),
}
