"""The public contracts, where AWS's own tools look for them."""

import json
from pathlib import Path

from aws_cdk import aws_eventschemas as eventschemas
from constructs import Construct

from infrastructure.application import Stage


class SchemaRegistry(Construct):
    """Holds each file of the application's schemas: every major version of every event."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        registry = eventschemas.CfnRegistry(self, "Resource", registry_name=stage.names.schema_registry)
        for path in schema_files(stage.application.schemas):
            eventschemas.CfnSchema(
                self,
                f"{path.parent.name}.{path.stem}",
                registry_name=registry.attr_registry_name,
                schema_name=schema_name(path),
                type="JSONSchemaDraft4",
                content=json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":")),
            )


def schema_name(path: Path) -> str:
    """Return the name of a schema: `<owner>@<Fact>`, and from the second version on `<owner>@<Fact>V<N>`.

    AWS's own registry names its schemas by source and detail type in this form, and code bindings are named
    after the schema. The registry's version numbers count every change of a content, and a new registry has
    the latest content only, so they cannot stand for major versions.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema-code-bindings.html
    """
    fact, _, major = path.stem.partition(".v")
    return f"{path.parent.name}@{fact}" + ("" if major == "1" else f"V{major}")


def schema_files(folder: Path) -> list[Path]:
    """The schemas in a stable order, without the examples."""
    return sorted(path for path in folder.glob("*/*.json") if not path.name.endswith(".example.json"))
