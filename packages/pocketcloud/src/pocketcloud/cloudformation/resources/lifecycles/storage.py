"""Changes and deletion of buckets, parameters, secrets and log groups."""

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources import account_services, s3
from pocketcloud.cloudformation.resources.json_document import as_resource_policy
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle, keep
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update_bucket(existing: Existing, request: CreateRequest) -> Created:
    client, bucket = existing.client("s3"), existing.physical_id
    versioning = request.properties.get("VersioningConfiguration")
    if existing.properties.get("VersioningConfiguration") != versioning:
        wanted = versioning or {"Status": "Suspended"}
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=wanted)
    config = request.properties.get("NotificationConfiguration")
    if existing.properties.get("NotificationConfiguration") != config:
        client.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=s3.notifications(config or {})
        )
    return existing.created


def _delete_bucket(existing: Existing) -> None:
    """Delete an empty bucket; S3 rejects the deletion of one with objects."""
    existing.client("s3").delete_bucket(Bucket=existing.physical_id)


def _empty_bucket(existing: Existing) -> None:
    """Delete all versions of all objects, as the CDK's function does before it lets the bucket go."""
    client, bucket = existing.client("s3"), existing.properties["BucketName"]
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for each in page.get("Contents", []):
            client.delete_object(Bucket=bucket, Key=each["Key"])
    if "Status" not in client.get_bucket_versioning(Bucket=bucket):
        return
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def _set_bucket_policy(existing: Existing, request: CreateRequest) -> Created:
    policy = as_resource_policy(request.properties["PolicyDocument"])
    existing.client("s3").put_bucket_policy(Bucket=existing.physical_id, Policy=policy)
    return existing.created


def _delete_bucket_policy(existing: Existing) -> None:
    existing.client("s3").delete_bucket_policy(Bucket=existing.physical_id)


def _set_notifications(_: Existing, request: CreateRequest) -> Created:
    return s3.notify(request)


def _clear_notifications(existing: Existing) -> None:
    bucket = existing.properties["BucketName"]
    existing.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def _update_parameter(existing: Existing, request: CreateRequest) -> Created:
    settings = request.pick(*account_services.PARAMETER)
    existing.client("ssm").put_parameter(Name=existing.physical_id, **settings, Overwrite=True)
    properties = request.properties
    attributes = {"Type": properties["Type"], "Value": properties["Value"]}
    return Created(ref=existing.physical_id, attributes=attributes)


def _delete_parameter(existing: Existing) -> None:
    existing.client("ssm").delete_parameter(Name=existing.physical_id)


def _update_secret(existing: Existing, request: CreateRequest) -> Created:
    settings, generating = request.pick(*account_services.SECRET), "GenerateSecretString"
    if generating in request.properties:
        if existing.properties.get(generating) != request.properties[generating]:
            settings["SecretString"] = account_services.generated_secret(request)
    elif "SecretString" not in settings:
        raise ResourceError("SecretString: a secret cannot lose its value in place offline")
    existing.client("secretsmanager").update_secret(SecretId=existing.physical_id, **settings)
    return existing.created


def _delete_secret(existing: Existing) -> None:
    existing.client("secretsmanager").delete_secret(
        SecretId=existing.physical_id, ForceDeleteWithoutRecovery=True
    )


def _update_log_group(existing: Existing, request: CreateRequest) -> Created:
    logs, name = existing.client("logs"), existing.physical_id
    if days := request.properties.get("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    else:
        logs.delete_retention_policy(logGroupName=name)
    return existing.created


def _delete_log_group(existing: Existing) -> None:
    existing.client("logs").delete_log_group(logGroupName=existing.physical_id)


LIFECYCLES = {
    "AWS::S3::Bucket": Lifecycle(
        update=_update_bucket,
        delete=_delete_bucket,
        replaces=frozenset({"BucketName"}),
        custom_name="BucketName",
    ),
    "AWS::S3::BucketPolicy": Lifecycle(
        update=_set_bucket_policy, delete=_delete_bucket_policy, replaces=frozenset({"Bucket"})
    ),
    "Custom::S3AutoDeleteObjects": Lifecycle(delete=_empty_bucket),
    "Custom::S3BucketNotifications": Lifecycle(
        update=_set_notifications, delete=_clear_notifications, replaces=frozenset({"BucketName"})
    ),
    "AWS::SSM::Parameter": Lifecycle(
        update=_update_parameter,
        delete=_delete_parameter,
        replaces=frozenset({"Name", "Type"}),
        custom_name="Name",
    ),
    "AWS::SecretsManager::Secret": Lifecycle(
        update=_update_secret, delete=_delete_secret, replaces=frozenset({"Name"}), custom_name="Name"
    ),
    "AWS::Logs::LogGroup": Lifecycle(
        update=_update_log_group,
        delete=_delete_log_group,
        replaces=frozenset({"LogGroupName"}),
        custom_name="LogGroupName",
    ),
    "AWS::CDK::Metadata": Lifecycle(update=lambda existing, _: existing.created, delete=keep),
}
