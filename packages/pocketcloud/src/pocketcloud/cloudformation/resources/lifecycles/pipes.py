"""Changes and deletion of pipes."""

from pocketcloud.cloudformation.resources import pipes
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_DEFAULTS = {
    "Description": "",
    "DesiredState": "RUNNING",
    "Enrichment": "",
    "EnrichmentParameters": {},
    "SourceParameters": {},
    "TargetParameters": {},
}


def _update_pipe(existing: Existing, request: CreateRequest) -> Created:
    settings = {**_DEFAULTS, **request.pick(*pipes.PIPE)}
    existing.client("pipes").update_pipe(Name=existing.physical_id, **settings)
    return existing.created


def _delete_pipe(existing: Existing) -> None:
    existing.client("pipes").delete_pipe(Name=existing.physical_id)


LIFECYCLES = {
    "AWS::Pipes::Pipe": Lifecycle(
        update=_update_pipe,
        delete=_delete_pipe,
        replaces=frozenset({"Name", "Source"}),
        custom_name="Name",
    )
}
