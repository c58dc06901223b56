"""S3: buckets, their notifications and policies."""

from typing import Any

from pocketcloud.cloudformation.resources.json_document import as_resource_policy
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

_EVERYTHING = "objects are stored in memory without it"
_IGNORED = {
    **TAGS,
    "AccessControl": "access control lists are not evaluated offline",
    "BucketEncryption": "objects are not encrypted offline",
    "CorsConfiguration": "browsers cannot reach the bucket offline",
    "IntelligentTieringConfigurations": _EVERYTHING,
    "LifecycleConfiguration": "objects do not expire offline",
    "LoggingConfiguration": "access is not logged offline",
    "MetricsConfigurations": "metrics of requests are not recorded offline",
    "OwnershipControls": "access control lists are not evaluated offline",
    "PublicAccessBlockConfiguration": "the bucket is not public offline",
}
_LISTS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "Function"),
    "QueueConfigurations": ("QueueConfigurations", "QueueArn", "Queue"),
    "TopicConfigurations": ("TopicConfigurations", "TopicArn", "Topic"),
}


def _create_bucket(request: CreateRequest) -> Created:
    name, client = request.name("BucketName", max_characters=63).lower(), request.client("s3")
    region = request.account.region
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    if versioning := request.properties.get("VersioningConfiguration"):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if config := notifications(request.properties.get("NotificationConfiguration") or {}):
        client.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=config)
    domain = f"{name}.s3.{region}.amazonaws.com"
    return Created(
        ref=name,
        attributes={
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": domain,
            "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{region}.amazonaws.com",
        },
    )


def notifications(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration as S3's API takes it."""
    result: dict[str, Any] = {}
    if config.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled"):
        result["EventBridgeConfiguration"] = {}
    for name, (target, arn, own) in _LISTS.items():
        if entries := config.get(name):
            result[target] = [
                {arn: entry[own], "Events": [entry["Event"]], **_filter(entry)} for entry in entries
            ]
    return result


def _filter(entry: dict[str, Any]) -> dict[str, Any]:
    rules = entry.get("Filter", {}).get("S3Key", {}).get("Rules")
    return {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}


def notify(request: CreateRequest) -> Created:
    """Configure a bucket as the CDK's custom resource does."""
    request.client("s3").put_bucket_notification_configuration(
        Bucket=request.properties["BucketName"],
        NotificationConfiguration=request.properties["NotificationConfiguration"],
    )
    return Created(ref=request.logical_id)


def _create_policy(request: CreateRequest) -> Created:
    bucket = request.properties["Bucket"]
    request.client("s3").put_bucket_policy(
        Bucket=bucket, Policy=as_resource_policy(request.properties["PolicyDocument"])
    )
    return Created(ref=bucket)


def _mark_for_emptying(request: CreateRequest) -> Created:
    return Created(ref=request.logical_id)


TYPES = (
    ResourceType(
        name="AWS::S3::Bucket",
        create=_create_bucket,
        supported=frozenset(
            {
                "BucketName",
                "NotificationConfiguration.EventBridgeConfiguration",
                *(f"NotificationConfiguration.{name}" for name in _LISTS),
                "VersioningConfiguration",
            }
        ),
        ignored=_IGNORED,
    ),
    ResourceType(
        name="AWS::S3::BucketPolicy",
        create=_create_policy,
        supported=frozenset({"Bucket", "PolicyDocument"}),
    ),
    ResourceType(
        name="Custom::S3AutoDeleteObjects",
        create=_mark_for_emptying,
        supported=frozenset({"BucketName"}),
        ignored={"ServiceToken": "the offline cloud empties the bucket itself"},
    ),
    ResourceType(
        name="Custom::S3BucketNotifications",
        create=notify,
        supported=frozenset({"BucketName", "NotificationConfiguration"}),
        ignored={
            "Managed": "the offline cloud sets the whole configuration",
            "ServiceToken": "the offline cloud configures the bucket itself",
            "SkipDestinationValidation": "destinations are checked when they are notified",
        },
    ),
)
