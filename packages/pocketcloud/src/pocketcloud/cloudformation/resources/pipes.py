"""EventBridge Pipes."""

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

PIPE = (
    "Description",
    "DesiredState",
    "Enrichment",
    "EnrichmentParameters",
    "RoleArn",
    "SourceParameters",
    "Target",
    "TargetParameters",
)


def _create_pipe(request: CreateRequest) -> Created:
    name = request.name("Name")
    arn = request.client("pipes").create_pipe(Name=name, **request.pick("Source", *PIPE))["Arn"]
    return Created(ref=name, attributes={"Arn": arn})


TYPES = (
    ResourceType(
        name="AWS::Pipes::Pipe",
        create=_create_pipe,
        supported=frozenset({"Name", "Source", *PIPE}),
        ignored={
            **TAGS,
            "KmsKeyIdentifier": "pipes are not encrypted offline",
            "LogConfiguration": "the journal records what the pipe does",
        },
    ),
)
