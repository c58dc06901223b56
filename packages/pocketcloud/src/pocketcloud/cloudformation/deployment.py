"""Deploy a cloud assembly into the offline cloud, from the templates and assets that `cdk deploy` uses."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3

from pocketcloud.cloudformation.assembly import Stack, read_assembly
from pocketcloud.cloudformation.errors import AssemblyError, UnsupportedResource
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.account import DeployedSchema, TargetAccount
from pocketcloud.cloudformation.stack import DeployedResource, DeployedStack, create_stack, pseudo_parameters
from pocketcloud.cloudformation.stack_records import RecordedOutput, StackRecord
from pocketcloud.cloudformation.template import Template, read_template


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """Everything that was deployed, as plain data."""

    outputs: Mapping[str, str]
    """Outputs of all stacks as `<stack>.<output>`, and as `<output>` if only one stack has that name."""
    resources: Mapping[str, Mapping[str, DeployedResource]]
    """Resources by stack, then by logical id."""
    schemas: tuple[DeployedSchema, ...]
    stacks: tuple[StackRecord, ...]
    """What CloudFormation's API shows of them."""
    not_enforced: tuple[str, ...]
    """Effects that AWS has and the offline cloud lacks, one sentence each."""


def deploy(assembly: Path, session: boto3.Session) -> DeploymentResult:
    """Deploy the assembly into an empty account; reject unsupported resources before creating anything."""
    contents = read_assembly(assembly)
    account = TargetAccount(session, contents.assets)
    templates = [_template(account, stack) for stack in contents.stacks]
    _refuse_unsupported(templates)
    stacks: dict[str, DeployedStack] = {}
    for template in templates:
        stacks[template.stack] = create_stack(account, template, stacks)
    return DeploymentResult(
        outputs=_outputs(stacks),
        resources={name: stack.resources for name, stack in stacks.items()},
        schemas=tuple(account.schemas),
        stacks=tuple(_record(account, name, stack) for name, stack in stacks.items()),
        not_enforced=tuple(account.not_enforced),
    )


def _template(account: TargetAccount, stack: Stack) -> Template:
    place = stack.environment.removeprefix("aws://").split("/")
    if place[0] not in ("unknown-account", account.id) or place[-1] not in ("unknown-region", account.region):
        here = f"{account.id}/{account.region}"
        raise AssemblyError(f"{stack.name}: synthesized for {'/'.join(place)}, but the account is {here}")

    def ssm_parameter(name: str) -> str | None:
        # Assume the bootstrap version that the assembly requires. Asking SSM would take half a second:
        # moto's SSM imports EC2's instance catalogue.
        if name == stack.bootstrap_parameter and stack.bootstrap_version:
            return str(stack.bootstrap_version)
        found = account.client("ssm").get_parameters(Names=[name])["Parameters"]
        return str(found[0]["Value"]) if found else None

    pseudo = pseudo_parameters(account, stack.name)
    return read_template(stack.name, stack.template, pseudo_parameters=pseudo, ssm_parameter=ssm_parameter)


def _refuse_unsupported(templates: list[Template]) -> None:
    findings = []
    for template in templates:
        for resource in template.resources:
            construct = f" (construct {resource.path})" if resource.path else ""
            place = f"{template.stack}/{resource.logical_id}{construct}: {resource.type}"
            kind = RESOURCE_TYPES.get(resource.type)
            if kind is None:
                findings.append(f"{place} is not a supported resource type")
            elif undeclared := kind.undeclared(resource.properties):
                findings.append(f"{place} does not support the properties {', '.join(undeclared)}")
    if findings:
        raise UnsupportedResource(findings)


def _record(account: TargetAccount, name: str, stack: DeployedStack) -> StackRecord:
    exported = {value: export for export, value in stack.export_names.items()}
    return StackRecord(
        id=pseudo_parameters(account, name)["AWS::StackId"],
        name=name,
        created_at=datetime.now(UTC),
        outputs=tuple(
            RecordedOutput(output, value, exported.get(output)) for output, value in stack.outputs.items()
        ),
        resources={
            logical_id: (resource.type, resource.physical_id)
            for logical_id, resource in stack.resources.items()
        },
    )


def _outputs(stacks: Mapping[str, DeployedStack]) -> dict[str, str]:
    named = [(stack, name, value) for stack in stacks for name, value in stacks[stack].outputs.items()]
    count = Counter(name for _, name, _ in named)
    return {
        **{f"{stack}.{name}": value for stack, name, value in named},
        **{name: value for _, name, value in named if count[name] == 1},
    }
