"""The deployed stacks as CloudFormation's API shows them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pocketcloud.cloudformation.stack_log import StackLog

CREATED = "CREATE_COMPLETE"
Parameters = Mapping[str, str]


class StackNotFoundError(LookupError):
    """No deployed stack has this name or id."""


@dataclass(frozen=True, slots=True)
class RecordedOutput:
    """One output of a deployed stack."""

    name: str
    value: str
    export: str | None


@dataclass(frozen=True, slots=True)
class StackRecord:
    """One deployed stack."""

    id: str
    name: str
    created_at: datetime
    outputs: tuple[RecordedOutput, ...]
    resources: Mapping[str, tuple[str, str]]
    """Type and physical id by logical id."""
    log: StackLog | None = None
    """Its status and events; without them it is one that was created."""

    @property
    def status(self) -> str:
        """The stack's status."""
        return self.log.status if self.log else CREATED


def describe_stacks(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return DescribeStacks' result for one stack or all."""
    chosen = [_find(stacks, parameters["StackName"])] if "StackName" in parameters else stacks
    return {"Stacks": [{**_summary(stack), "Outputs": _outputs([stack])} for stack in chosen]}


def list_stacks(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return ListStacks' result, filtered by status."""
    filters = [value for name, value in parameters.items() if name.startswith("StackStatusFilter.member.")]
    chosen = [stack for stack in stacks if not filters or stack.status in filters]
    return {"StackSummaries": [_summary(stack) for stack in chosen]}


def describe_stack_events(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return DescribeStackEvents' result; the latest event is first."""
    stack = _find(stacks, parameters.get("StackName", ""))
    shown = {"StackName": stack.name, "StackId": stack.id}
    events = [
        {
            **shown,
            "EventId": f"{event.logical_id}-{event.status}-{number}",
            "LogicalResourceId": event.logical_id,
            "PhysicalResourceId": event.physical_id,
            "ResourceType": event.type,
            "ResourceStatus": event.status,
            "ResourceStatusReason": event.reason,
            "Timestamp": event.at,
        }
        for number, event in enumerate(stack.log.events if stack.log else ())
    ]
    return {"StackEvents": events[::-1]}


def list_stack_resources(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return ListStackResources' result."""
    return {"StackResourceSummaries": _resources(_find(stacks, parameters.get("StackName", "")))}


def describe_stack_resources(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return DescribeStackResources' result, for one logical id or all."""
    stack = _find(stacks, parameters.get("StackName", ""))
    wanted = parameters.get("LogicalResourceId")
    shown = {"StackName": stack.name, "StackId": stack.id, "Timestamp": stack.created_at}
    found = [{**shown, **resource} for resource in _resources(stack)]
    return {"StackResources": [each for each in found if wanted in {None, each["LogicalResourceId"]}]}


def list_exports(stacks: Iterable[StackRecord], _: Parameters) -> dict[str, Any]:
    """Return ListExports' result."""
    exports = [
        {"ExportingStackId": stack.id, "Name": output.export, "Value": output.value}
        for stack in stacks
        for output in stack.outputs
        if output.export is not None
    ]
    return {"Exports": exports}


OPERATIONS: Mapping[str, Callable[[Iterable[StackRecord], Parameters], dict[str, Any]]] = {
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResources": describe_stack_resources,
    "DescribeStacks": describe_stacks,
    "ListExports": list_exports,
    "ListStackResources": list_stack_resources,
    "ListStacks": list_stacks,
}


def _find(stacks: Iterable[StackRecord], name: str) -> StackRecord:
    for stack in stacks:
        if name in {stack.name, stack.id}:
            return stack
    raise StackNotFoundError(f"Stack with id {name} does not exist")


def _summary(stack: StackRecord) -> dict[str, Any]:
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created_at,
        "StackStatus": stack.status,
        "StackStatusReason": stack.log.reason if stack.log else None,
        "LastUpdatedTime": stack.log.updated_at if stack.log else None,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


def _outputs(stacks: Iterable[StackRecord]) -> list[dict[str, Any]]:
    return [
        {"OutputKey": output.name, "OutputValue": output.value, "ExportName": output.export}
        for stack in stacks
        for output in stack.outputs
    ]


def _resources(stack: StackRecord) -> list[dict[str, Any]]:
    statuses = stack.log.resource_statuses if stack.log else {}
    return [
        {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "ResourceStatus": statuses.get(logical_id, CREATED),
            "LastUpdatedTimestamp": stack.created_at,
        }
        for logical_id, (kind, physical_id) in stack.resources.items()
    ]
