"""DynamoDB: tables (Table, or GlobalTable with one replica in this region)."""

from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

KEYS = ("AttributeDefinitions", "KeySchema")
RECOVERY = "PointInTimeRecoverySpecification"
INSIGHTS = "Contributor Insights metrics are not collected offline"
ACCESS = "resource policies of tables and streams are not enforced"


def _create_table(request: CreateRequest) -> Created:
    options = request.pick("ProvisionedThroughput", "DeletionProtectionEnabled", "TableClass")
    sse = request.properties.get("SSESpecification")
    if sse is not None:
        options["SSESpecification"] = {
            "Enabled": sse["SSEEnabled"],
            **{key: value for key, value in sse.items() if key != "SSEEnabled"},
        }
    indexes = request.properties.get("GlobalSecondaryIndexes", [])
    return _create(request, options, indexes, request.properties.get(RECOVERY))


def _create_global_table(request: CreateRequest) -> Created:
    replica = _local_replica(request)
    options: dict[str, Any] = {
        name: replica[name] for name in ("DeletionProtectionEnabled", "TableClass") if name in replica
    }
    sse = request.properties.get("SSESpecification")
    if sse is not None:
        options["SSESpecification"] = {
            "Enabled": sse["SSEEnabled"],
            **({"SSEType": sse["SSEType"]} if "SSEType" in sse else {}),
            **replica.get("SSESpecification", {}),
        }
    indexes = request.properties.get("GlobalSecondaryIndexes", [])
    return _create(request, options, indexes, replica.get(RECOVERY))


def _local_replica(request: CreateRequest) -> dict[str, Any]:
    replicas: list[dict[str, Any]] = request.properties["Replicas"]
    regions = [replica["Region"] for replica in replicas]
    if regions != [request.account.region]:
        raise ResourceError(f"Replicas: use exactly one replica, in {request.account.region}, not {regions}")
    return replicas[0]


def _create(
    request: CreateRequest,
    options: dict[str, Any],
    indexes: list[dict[str, Any]],
    recovery: Mapping[str, Any] | None,
) -> Created:
    dynamodb = request.client("dynamodb")
    name = request.name("TableName", max_characters=255)
    _check_keys(request.properties, indexes)
    if "StreamSpecification" in request.properties:
        options["StreamSpecification"] = {"StreamEnabled": True, **request.properties["StreamSpecification"]}
    if indexes:
        options["GlobalSecondaryIndexes"] = indexes
    table = dynamodb.create_table(
        TableName=name,
        BillingMode=request.properties.get("BillingMode", "PROVISIONED"),
        **request.pick(*KEYS, "LocalSecondaryIndexes"),
        **options,
    )["TableDescription"]
    if "TimeToLiveSpecification" in request.properties:
        dynamodb.update_time_to_live(TableName=name, **request.pick("TimeToLiveSpecification"))
    if recovery is not None:
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    attributes = {"Arn": table["TableArn"]}
    if "LatestStreamArn" in table:
        attributes["StreamArn"] = table["LatestStreamArn"]
    return Created(ref=name, attributes=attributes)


def _check_keys(properties: Mapping[str, Any], indexes: list[dict[str, Any]]) -> None:
    # moto accepts a table whose key attributes are undefined.
    defined = {attribute["AttributeName"] for attribute in properties["AttributeDefinitions"]}
    keyed = [properties, *indexes, *properties.get("LocalSecondaryIndexes", [])]
    used = {key["AttributeName"] for part in keyed for key in part["KeySchema"]}
    if defined != used:
        raise ResourceError(
            f"AttributeDefinitions: {sorted(defined)} are defined, but keys use {sorted(used)}"
        )


COMMON = frozenset(
    {
        *KEYS,
        "BillingMode",
        "LocalSecondaryIndexes",
        "SSESpecification",
        "StreamSpecification.StreamViewType",
        "TableName",
        "TimeToLiveSpecification",
    }
)

TYPES = (
    ResourceType(
        name="AWS::DynamoDB::Table",
        create=_create_table,
        supported=COMMON
        | {
            "DeletionProtectionEnabled",
            "GlobalSecondaryIndexes",
            RECOVERY,
            "ProvisionedThroughput",
            "TableClass",
        },
        ignored={
            **TAGS,
            "ContributorInsightsSpecification": INSIGHTS,
            "ResourcePolicy": ACCESS,
            "StreamSpecification.ResourcePolicy": ACCESS,
        },
    ),
    ResourceType(
        name="AWS::DynamoDB::GlobalTable",
        create=_create_global_table,
        supported=COMMON
        | {
            "GlobalSecondaryIndexes.IndexName",
            "GlobalSecondaryIndexes.KeySchema",
            "GlobalSecondaryIndexes.Projection",
            "Replicas.DeletionProtectionEnabled",
            f"Replicas.{RECOVERY}",
            "Replicas.Region",
            "Replicas.SSESpecification",
            "Replicas.TableClass",
        },
        ignored={
            **{f"Replicas.{name}": reason for name, reason in TAGS.items()},
            "Replicas.ContributorInsightsSpecification": INSIGHTS,
            "Replicas.GlobalSecondaryIndexes.ContributorInsightsSpecification": INSIGHTS,
            "Replicas.GlobalSecondaryIndexes.IndexName": "repeats the index declared for the whole table",
            "Replicas.ResourcePolicy": ACCESS,
            "Replicas.ReplicaStreamSpecification": ACCESS,
        },
    ),
)
