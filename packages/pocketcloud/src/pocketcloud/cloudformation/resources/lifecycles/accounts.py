"""Changes and deletion of user pools, keys and email identities, and of what has no effect offline."""

from pocketcloud.cloudformation.resources import cognito
from pocketcloud.cloudformation.resources.json_document import as_text
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle, keep
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _delete_pool(existing: Existing) -> None:
    existing.client("cognito-idp").delete_user_pool(UserPoolId=existing.physical_id)


def _delete_client(existing: Existing) -> None:
    pool = existing.properties["UserPoolId"]
    existing.client("cognito-idp").delete_user_pool_client(UserPoolId=pool, ClientId=existing.physical_id)


def _delete_resource_server(existing: Existing) -> None:
    pool = existing.properties["UserPoolId"]
    existing.client("cognito-idp").delete_resource_server(UserPoolId=pool, Identifier=existing.physical_id)


def _update_key(existing: Existing, request: CreateRequest) -> Created:
    client, key, properties = existing.client("kms"), existing.physical_id, request.properties
    client.update_key_description(KeyId=key, Description=properties.get("Description", ""))
    client.put_key_policy(KeyId=key, PolicyName="default", Policy=as_text(properties["KeyPolicy"]))
    return existing.created


def _delete_key(existing: Existing) -> None:
    existing.client("kms").schedule_key_deletion(KeyId=existing.physical_id, PendingWindowInDays=30)


def _update_alias(existing: Existing, request: CreateRequest) -> Created:
    target = request.properties["TargetKeyId"]
    existing.client("kms").update_alias(AliasName=existing.physical_id, TargetKeyId=target)
    return existing.created


def _delete_alias(existing: Existing) -> None:
    existing.client("kms").delete_alias(AliasName=existing.physical_id)


def _delete_identity(existing: Existing) -> None:
    existing.client("sesv2").delete_email_identity(EmailIdentity=existing.physical_id)


LIFECYCLES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": Lifecycle(delete=keep),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Lifecycle(delete=keep, custom_name="PolicyName"),
    "AWS::Backup::BackupPlan": Lifecycle(delete=keep),
    "AWS::Backup::BackupSelection": Lifecycle(delete=keep),
    "AWS::Backup::BackupVault": Lifecycle(delete=keep, custom_name="BackupVaultName"),
    "AWS::CloudTrail::Trail": Lifecycle(delete=keep, custom_name="TrailName"),
    "AWS::Cognito::UserPool": Lifecycle(
        delete=_delete_pool, unsupported=frozenset({"UserPoolName", *cognito.POOL})
    ),
    "AWS::Cognito::UserPoolClient": Lifecycle(
        delete=_delete_client, unsupported=frozenset({"ClientName", *cognito.CLIENT})
    ),
    "AWS::Cognito::UserPoolResourceServer": Lifecycle(
        delete=_delete_resource_server, unsupported=frozenset(cognito.SERVER)
    ),
    "AWS::CodeDeploy::Application": Lifecycle(delete=keep, custom_name="ApplicationName"),
    "AWS::CodeDeploy::DeploymentGroup": Lifecycle(delete=keep),
    "AWS::KMS::Key": Lifecycle(
        update=_update_key,
        delete=_delete_key,
        unsupported=frozenset({"KeySpec", "KeyUsage", "MultiRegion"}),
    ),
    "AWS::KMS::Alias": Lifecycle(
        update=_update_alias,
        delete=_delete_alias,
        replaces=frozenset({"AliasName"}),
        custom_name="AliasName",
    ),
    "AWS::SES::EmailIdentity": Lifecycle(delete=_delete_identity, custom_name="EmailIdentity"),
}
