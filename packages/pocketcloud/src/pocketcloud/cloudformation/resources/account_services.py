"""SES identities, SSM parameters, secrets, KMS keys, and the CDK's own metadata."""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.json_document import as_text
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

PARAMETER = ("AllowedPattern", "DataType", "Description", "Tier", "Type", "Value")
SECRET = ("Description", "KmsKeyId", "SecretString")
KEY = ("Description", "KeySpec", "KeyUsage", "MultiRegion")
NO_MAIL = "no mail leaves the machine"


def _create_email_identity(request: CreateRequest) -> Created:
    # AWS waits for the owner's confirmation; offline the identity is verified immediately.
    identity = request.properties["EmailIdentity"]
    request.client("sesv2").create_email_identity(EmailIdentity=identity)
    return Created(ref=identity)


def _put_parameter(request: CreateRequest) -> Created:
    name = request.name("Name", max_characters=1011)
    request.client("ssm").put_parameter(Name=name, **request.pick(*PARAMETER))
    return Created(
        ref=name, attributes={"Type": request.properties["Type"], "Value": request.properties["Value"]}
    )


def _create_secret(request: CreateRequest) -> Created:
    name, options = request.name("Name", max_characters=512), request.pick(*SECRET)
    if "GenerateSecretString" in request.properties:
        options["SecretString"] = generated_secret(request)
    arn = request.client("secretsmanager").create_secret(Name=name, **options)["ARN"]
    return Created(ref=arn, attributes={"Id": arn})


def generated_secret(request: CreateRequest) -> str:
    """Generate a password, in the template's JSON object if it names a key for it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    options = dict(request.properties["GenerateSecretString"])
    template, key = options.pop("SecretStringTemplate", None), options.pop("GenerateStringKey", None)
    password = str(request.client("secretsmanager").get_random_password(**options)["RandomPassword"])
    if (template is None) != (key is None):
        raise ResourceError(
            "GenerateSecretString: SecretStringTemplate and GenerateStringKey need each other"
        )
    return password if key is None else json.dumps({**json.loads(template), key: password})


def _create_key(request: CreateRequest) -> Created:
    policy = as_text(request.properties["KeyPolicy"])
    key = request.client("kms").create_key(Policy=policy, **request.pick(*KEY))["KeyMetadata"]
    return Created(ref=key["KeyId"], attributes={"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _create_key_alias(request: CreateRequest) -> Created:
    request.client("kms").create_alias(**request.pick("AliasName", "TargetKeyId"))
    return Created(ref=request.properties["AliasName"])


def _ignore(request: CreateRequest) -> Created:
    return Created(ref=request.logical_id)


TYPES = (
    ResourceType(
        name="AWS::SES::EmailIdentity",
        create=_create_email_identity,
        supported=frozenset({"EmailIdentity"}),
        ignored={
            **TAGS,
            "DkimAttributes": NO_MAIL,
            "DkimSigningAttributes": NO_MAIL,
            "FeedbackAttributes": NO_MAIL,
            "MailFromAttributes": NO_MAIL,
        },
    ),
    ResourceType(
        name="AWS::SSM::Parameter",
        create=_put_parameter,
        supported=frozenset({"Name", *PARAMETER}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::SecretsManager::Secret",
        create=_create_secret,
        supported=frozenset({"GenerateSecretString", "Name", *SECRET}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::KMS::Key",
        create=_create_key,
        supported=frozenset({"KeyPolicy", *KEY}),
        ignored={
            **TAGS,
            "EnableKeyRotation": "a key lives as long as the process",
            "PendingWindowInDays": "keys are not deleted offline",
            "RotationPeriodInDays": "a key lives as long as the process",
        },
        not_enforced="keys of log groups, archives and functions; a key's state and its grants",
    ),
    ResourceType(
        name="AWS::KMS::Alias",
        create=_create_key_alias,
        supported=frozenset({"AliasName", "TargetKeyId"}),
    ),
    ResourceType(
        name="AWS::CDK::Metadata",
        create=_ignore,
        supported=frozenset(),
        ignored={"Analytics": "the CDK's usage report to AWS"},
    ),
)
