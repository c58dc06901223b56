"""The public contracts, where AWS's own tools look for them."""

import json
from pathlib import Path

from aws_cdk import aws_eventschemas as eventschemas
from constructs import Construct

from infrastructure.application import Stage


class SchemaRegistry(Construct):
    """Holds each file of the application's schemas as a schema named `<owner>.<Fact>.v<N>`."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        registry = eventschemas.CfnRegistry(self, "Resource", registry_name=stage.names.schema_registry)
        for path in schema_files(stage.application.schemas):
            eventschemas.CfnSchema(
                self,
                f"{path.parent.name}.{path.stem}",
                registry_name=registry.attr_registry_name,
                schema_name=f"{path.parent.name}.{path.stem}",
                type="JSONSchemaDraft4",
                content=json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":")),
            )


def schema_files(folder: Path) -> list[Path]:
    """The schemas in a stable order, without the examples."""
    return sorted(path for path in folder.glob("*/*.json") if not path.name.endswith(".example.json"))
