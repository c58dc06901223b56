"""What CloudFormation's API shows of the deployed stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STATUS = "CREATE_COMPLETE"
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


def describe_stacks(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return DescribeStacks' result for one stack or all."""
    chosen = [_find(stacks, parameters["StackName"])] if "StackName" in parameters else stacks
    return {"Stacks": [{**_summary(stack), "Outputs": _outputs([stack])} for stack in chosen]}


def list_stacks(stacks: Iterable[StackRecord], parameters: Parameters) -> dict[str, Any]:
    """Return ListStacks' result, filtered by status."""
    filters = [value for name, value in parameters.items() if name.startswith("StackStatusFilter.member.")]
    chosen = stacks if not filters or STATUS in filters else ()
    return {"StackSummaries": [_summary(stack) for stack in chosen]}


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
        "StackStatus": STATUS,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


def _outputs(stacks: Iterable[StackRecord]) -> list[dict[str, Any]]:
    return [
        {"OutputKey": output.name, "OutputValue": output.value, "ExportName": output.export}
        for stack in stacks
        for output in stack.outputs
    ]


def _resources(stack: StackRecord) -> list[dict[str, Any]]:
    return [
        {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "ResourceStatus": STATUS,
            "LastUpdatedTimestamp": stack.created_at,
        }
        for logical_id, (kind, physical_id) in stack.resources.items()
    ]
