"""Changes and deletion of DynamoDB tables.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
"""

from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.dynamodb import RECOVERY
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_OPTIONS = ("BillingMode", "DeletionProtectionEnabled", "ProvisionedThroughput")
_NO_RECOVERY = {"PointInTimeRecoveryEnabled": False}


def _update_table(existing: Existing, request: CreateRequest) -> Created:
    return _update(existing, existing.properties, request.properties)


def _update_global_table(existing: Existing, request: CreateRequest) -> Created:
    return _update(existing, _with_replica(existing.properties), _with_replica(request.properties))


def _with_replica(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties with those of the one replica, as a table has them."""
    (replica,) = properties["Replicas"]
    chosen = {name: replica[name] for name in (*_OPTIONS, RECOVERY) if name in replica}
    return {**properties, **chosen}


def _update(existing: Existing, old: Mapping[str, Any], new: Mapping[str, Any]) -> Created:
    _check_definitions(old, new)
    client, name = existing.client("dynamodb"), existing.physical_id
    options = {each: new[each] for each in _OPTIONS if each in new and old.get(each) != new[each]}
    if old.get("DeletionProtectionEnabled") and "DeletionProtectionEnabled" not in new:
        options["DeletionProtectionEnabled"] = False
    if options:
        client.update_table(TableName=name, **options)
    if old.get(RECOVERY) != new.get(RECOVERY):
        recovery = new.get(RECOVERY, _NO_RECOVERY)
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    for change in _index_changes(old, new):
        definitions = new["AttributeDefinitions"]
        client.update_table(
            TableName=name, AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[change]
        )
    if old.get("TimeToLiveSpecification") != new.get("TimeToLiveSpecification"):
        _update_time_to_live(existing, old, new)
    return Created(ref=name, attributes={**existing.attributes, **_update_stream(existing, old, new)})


def _check_definitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    types = {each["AttributeName"]: each["AttributeType"] for each in old["AttributeDefinitions"]}
    for each in new["AttributeDefinitions"]:
        name = each["AttributeName"]
        if types.get(name, each["AttributeType"]) != each["AttributeType"]:
            raise ResourceError(f"AttributeDefinitions: the type of {name} cannot change in place offline")


def _index_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the updates of secondary indexes, one per call as DynamoDB needs them."""
    before = {each["IndexName"]: each for each in old.get("GlobalSecondaryIndexes", [])}
    after = {each["IndexName"]: each for each in new.get("GlobalSecondaryIndexes", [])}
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    gone = (before.keys() - after.keys()) | changed
    added = (after.keys() - before.keys()) | changed
    deletions = [{"Delete": {"IndexName": name}} for name in sorted(gone)]
    return [*deletions, *({"Create": after[name]} for name in sorted(added))]


def _update_time_to_live(existing: Existing, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    wanted = new.get("TimeToLiveSpecification") or {**old["TimeToLiveSpecification"], "Enabled": False}
    existing.client("dynamodb").update_time_to_live(
        TableName=existing.physical_id, TimeToLiveSpecification=wanted
    )


def _update_stream(existing: Existing, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Enable or disable the stream; return the table's new attributes."""
    before, after = old.get("StreamSpecification"), new.get("StreamSpecification")
    if before == after:
        return {}
    if before and after:
        raise ResourceError("StreamSpecification: disable the stream first, then enable it with the new view")
    wanted = {"StreamEnabled": True, **after} if after else {"StreamEnabled": False}
    table = existing.client("dynamodb").update_table(
        TableName=existing.physical_id, StreamSpecification=wanted
    )["TableDescription"]
    return {"StreamArn": table["LatestStreamArn"]} if after else {}


def _delete_table(existing: Existing) -> None:
    existing.client("dynamodb").delete_table(TableName=existing.physical_id)


_REPLACES = frozenset({"KeySchema", "LocalSecondaryIndexes", "TableName"})
LIFECYCLES = {
    "AWS::DynamoDB::Table": Lifecycle(
        update=_update_table,
        delete=_delete_table,
        replaces=_REPLACES,
        unsupported=frozenset({"SSESpecification", "TableClass"}),
        custom_name="TableName",
    ),
    "AWS::DynamoDB::GlobalTable": Lifecycle(
        update=_update_global_table,
        delete=_delete_table,
        replaces=_REPLACES,
        unsupported=frozenset({"SSESpecification"}),
        custom_name="TableName",
    ),
}
