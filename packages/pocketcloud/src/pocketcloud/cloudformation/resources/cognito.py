"""Cognito user pools, their clients and resource servers."""

from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType

POOL = (
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AliasAttributes",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "MfaConfiguration",
    "Policies",
    "Schema",
    "SmsVerificationMessage",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolTier",
    "UsernameAttributes",
    "UsernameConfiguration",
    "VerificationMessageTemplate",
)
CLIENT = (
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "AuthSessionValidity",
    "CallbackURLs",
    "DefaultRedirectURI",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "GenerateSecret",
    "IdTokenValidity",
    "LogoutURLs",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenValidity",
    "SupportedIdentityProviders",
    "TokenValidityUnits",
    "UserPoolId",
    "WriteAttributes",
)
SERVER = ("Identifier", "Name", "Scopes", "UserPoolId")


def _create_pool(request: CreateRequest) -> Created:
    pool = request.client("cognito-idp").create_user_pool(
        PoolName=request.name("UserPoolName", max_characters=128), **request.pick(*POOL)
    )["UserPool"]
    provider = f"cognito-idp.{request.account.region}.amazonaws.com/{pool['Id']}"
    return Created(
        ref=pool["Id"],
        attributes={
            "Arn": pool["Arn"],
            "ProviderName": provider,
            "ProviderURL": f"https://{provider}",
            "UserPoolId": pool["Id"],
        },
    )


def _create_client(request: CreateRequest) -> Created:
    client = request.client("cognito-idp").create_user_pool_client(
        ClientName=request.name("ClientName", max_characters=128), **request.pick(*CLIENT)
    )["UserPoolClient"]
    attributes = {"ClientId": client["ClientId"], "Name": client["ClientName"]}
    if "ClientSecret" in client:
        attributes["ClientSecret"] = client["ClientSecret"]
    return Created(ref=client["ClientId"], attributes=attributes)


def _create_resource_server(request: CreateRequest) -> Created:
    request.client("cognito-idp").create_resource_server(**request.pick(*SERVER))
    return Created(ref=request.properties["Identifier"])


TYPES = (
    ResourceType(
        name="AWS::Cognito::UserPool",
        create=_create_pool,
        supported=frozenset({"UserPoolName", *POOL}),
        ignored={"UserPoolTags": "tags have no effect offline"},
    ),
    ResourceType(
        name="AWS::Cognito::UserPoolClient",
        create=_create_client,
        supported=frozenset({"ClientName", *CLIENT}),
    ),
    ResourceType(
        name="AWS::Cognito::UserPoolResourceServer",
        create=_create_resource_server,
        supported=frozenset(SERVER),
    ),
)
