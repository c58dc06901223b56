"""Lambda: functions, layers, versions, aliases, permissions and asynchronous invocation settings."""

from pathlib import Path
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources import cfnresponse
from pocketcloud.cloudformation.resources.assets import zip_texts
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

FUNCTION = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "Timeout",
)
LAYER = ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LayerName", "LicenseInfo")
PERMISSION = (
    "Action",
    "EventSourceToken",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
)
CONCURRENCY = "offline, invocations run one at a time in an order that the seed determines"


def _create_function(request: CreateRequest) -> Created:
    code = code_of(request)
    name, options = request.name("FunctionName"), request.pick(*FUNCTION)
    if is_provider(request):
        options["Runtime"] = "python3.13"  # the offline cloud does its work and never invokes it
    arn = request.client("lambda").create_function(FunctionName=name, Code=code, **options)["FunctionArn"]
    return Created(ref=name, attributes={"Arn": arn})


def is_provider(request: CreateRequest) -> bool:
    """Return whether the function serves a custom resource that the offline cloud handles itself."""
    return (request.stack, request.logical_id) in request.account.providers


def code_of(request: CreateRequest) -> dict[str, Any]:
    """Return the code as the Lambda API takes it; CloudFormation packs inline code as `index.py`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
    """
    code, handler = request.properties["Code"], request.properties.get("Handler", "")
    if "ZipFile" not in code:
        bundle = request.account.assets.store(code["S3Bucket"], code["S3Key"])
        if not is_provider(request):
            _check_handler(handler, bundle)
        return dict(code)
    runtime = str(request.properties.get("Runtime", ""))
    if not runtime.startswith("python"):
        raise ResourceError(f"Code.ZipFile: inline code runs offline only as Python, not {runtime}")
    if not handler.startswith("index."):
        raise ResourceError(f"Handler: the module of inline code is index, not {handler!r}")
    files = {"index.py": code["ZipFile"]}
    if "cfnresponse" in code["ZipFile"]:
        files["cfnresponse.py"] = Path(cfnresponse.__file__).read_text()
    return {"ZipFile": zip_texts(files)}


def _check_handler(handler: str, bundle: Path) -> None:
    module = handler.rpartition(".")[0]
    if bundle.is_dir() and not (bundle / f"{module.replace('.', '/')}.py").is_file():
        raise ResourceError(f"Handler: there is no file for {handler!r} in the bundle {bundle}")


def _publish_layer(request: CreateRequest) -> Created:
    content = request.properties["Content"]
    request.account.assets.store(content["S3Bucket"], content["S3Key"])
    arn = request.client("lambda").publish_layer_version(
        **{**request.pick(*LAYER), "LayerName": request.name("LayerName", max_characters=140)},
        Content=content,
    )["LayerVersionArn"]
    return Created(ref=arn, attributes={"LayerVersionArn": arn})


def _publish_version(request: CreateRequest) -> Created:
    published = request.client("lambda").publish_version(
        **request.pick("FunctionName", "Description", "CodeSha256")
    )
    arn, version = published["FunctionArn"], published["Version"]
    if arn.rsplit(":", 1)[-1] != version:
        arn = f"{arn}:{version}"
    return Created(ref=arn, attributes={"FunctionArn": arn, "Version": version})


def _create_alias(request: CreateRequest) -> Created:
    arn = request.client("lambda").create_alias(
        **request.pick("FunctionName", "FunctionVersion", "Name", "Description"), **routing_of(request)
    )["AliasArn"]
    return Created(ref=arn, attributes={"AliasArn": arn})


def routing_of(request: CreateRequest) -> dict[str, Any]:
    """Return the alias's weights by version; a template lists them."""
    listed = request.properties.get("RoutingConfig", {}).get("AdditionalVersionWeights", [])
    weights = {str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in listed}
    return {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}


def _add_permission(request: CreateRequest) -> Created:
    statement = request.account.generated_name(request.stack, request.logical_id, 100)
    # moto reads the ARN of an alias as its function; the permission would then be on the function.
    function, _, qualifier = request.properties["FunctionName"].rpartition(":function:")[2].partition(":")
    request.client("lambda").add_permission(
        StatementId=statement,
        FunctionName=function,
        **({"Qualifier": qualifier} if qualifier else {}),
        **request.pick(*PERMISSION),
    )
    return Created(ref=statement, attributes={"Id": statement})


def configure_event_invoke(request: CreateRequest) -> Created:
    """Put the settings of asynchronous invocations."""
    settings: dict[str, Any] = request.pick(
        "DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"
    )
    request.client("lambda").put_function_event_invoke_config(**settings)
    return Created(ref=request.logical_id)


TYPES = (
    ResourceType(
        name="AWS::Lambda::Function",
        create=_create_function,
        supported=frozenset({"Code.S3Bucket", "Code.S3Key", "Code.ZipFile", "FunctionName", *FUNCTION}),
        ignored={
            **TAGS,
            "KmsKeyArn": "the environment is not encrypted offline",
            "RecursiveLoop": "recursive loops are not detected offline",
            "ReservedConcurrentExecutions": CONCURRENCY,
            "RuntimeManagementConfig": "the runtime is this machine's Python",
            "SnapStart": "cold starts take no virtual time",
            "TracingConfig": "X-Ray is not supported; the journal records every hop",
            "VpcConfig": "functions have the network of this machine",
        },
    ),
    ResourceType(
        name="AWS::Lambda::LayerVersion",
        create=_publish_layer,
        supported=frozenset({"Content.S3Bucket", "Content.S3Key", *LAYER}),
    ),
    ResourceType(
        name="AWS::Lambda::Version",
        create=_publish_version,
        supported=frozenset({"CodeSha256", "Description", "FunctionName"}),
        ignored={"ProvisionedConcurrencyConfig": CONCURRENCY},
    ),
    ResourceType(
        name="AWS::Lambda::Alias",
        create=_create_alias,
        supported=frozenset({"Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"}),
        ignored={"ProvisionedConcurrencyConfig": CONCURRENCY},
    ),
    ResourceType(
        name="AWS::Lambda::Permission",
        create=_add_permission,
        supported=frozenset({"FunctionName", *PERMISSION}),
    ),
    ResourceType(
        name="AWS::Lambda::EventInvokeConfig",
        create=configure_event_invoke,
        supported=frozenset(
            {
                "DestinationConfig",
                "FunctionName",
                "MaximumEventAgeInSeconds",
                "MaximumRetryAttempts",
                "Qualifier",
            }
        ),
    ),
)
