"""Deploy a cloud assembly into the offline cloud, from the templates and assets that `cdk deploy` uses."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3

from pocketcloud.cloudformation.assembly import Stack, read_assembly
from pocketcloud.cloudformation.custom_resources import (
    is_framework,
    other_runtime,
    with_custom_resources,
)
from pocketcloud.cloudformation.errors import (
    AssemblyError,
    DeployError,
    StackUpdateError,
    UnsupportedChange,
    UnsupportedResource,
)
from pocketcloud.cloudformation.intrinsics import references
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.account import DeployedSchema, TargetAccount
from pocketcloud.cloudformation.resources.custom import CUSTOM
from pocketcloud.cloudformation.stack import DeployedResource, DeployedStack, create_stack, pseudo_parameters
from pocketcloud.cloudformation.stack_changes import unsupported_changes
from pocketcloud.cloudformation.stack_log import StackLog
from pocketcloud.cloudformation.stack_records import RecordedOutput, StackRecord
from pocketcloud.cloudformation.stack_update import EMPTY, StackUpdate
from pocketcloud.cloudformation.template import Template, read_template
from pocketcloud.core.stubs import Stubs


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """Everything that was deployed, as plain data."""

    deployed: Mapping[str, DeployedStack]
    account: TargetAccount
    logs: Mapping[str, StackLog]
    changes: tuple[str, ...] = ()
    """The changes of the last update, one sentence each."""
    failure: DeployError | None = None
    """Why the last update stopped; its stack is as before, and later stacks too."""

    def settle(self) -> tuple[str, ...]:
        """Return the changes; raise the failure if there was one."""
        if self.failure is not None:
            raise self.failure
        return self.changes

    @property
    def outputs(self) -> Mapping[str, str]:
        """Outputs of all stacks as `<stack>.<output>`, and as `<output>` if only one stack has that name."""
        return _outputs(self.deployed)

    @property
    def resources(self) -> Mapping[str, Mapping[str, DeployedResource]]:
        """Resources by stack, then by logical id."""
        return {name: stack.resources for name, stack in self.deployed.items()}

    @property
    def schemas(self) -> tuple[DeployedSchema, ...]:
        """EventBridge's schemas."""
        return tuple(self.account.schemas)

    @property
    def stacks(self) -> tuple[StackRecord, ...]:
        """The stacks as CloudFormation's API shows them."""
        return tuple(_record(self.logs[name], stack) for name, stack in self.deployed.items())

    @property
    def not_enforced(self) -> tuple[str, ...]:
        """Effects that AWS has and the offline cloud lacks, one sentence each."""
        return tuple(self.account.not_enforced)


def deploy(assembly: Path, session: boto3.Session, stubs: Stubs | None = None) -> DeploymentResult:
    """Deploy the assembly into an empty account; reject unsupported resources before creating anything.

    Resources of the types in `stubs` become placeholders.
    """
    contents = read_assembly(assembly)
    account = TargetAccount(session, contents.assets, stubs)
    _refuse_needless(account.stubs)
    templates = [_template(account, stack) for stack in contents.stacks]
    _refuse_unsupported(templates, account.stubs)
    account.providers.update(_providers(templates))
    stacks: dict[str, DeployedStack] = {}
    logs = {}
    for template in templates:
        log = logs[template.stack] = _new_log(account, template.stack)
        log.set_status("CREATE_IN_PROGRESS", "User Initiated")
        stack = stacks[template.stack] = create_stack(account, template, stacks)
        for logical_id, resource in stack.resources.items():
            log.write(logical_id, resource.physical_id, resource.type, "CREATE_COMPLETE")
        log.set_status("CREATE_COMPLETE")
    return DeploymentResult(stacks, account, logs)


def redeploy(assembly: Path, before: DeploymentResult) -> DeploymentResult:
    """Update the deployed stacks to the assembly, one by one until one fails.

    As with `cdk deploy`, a stack that the assembly no longer has stays. Raise DeployError if the assembly
    cannot be read, or needs something unsupported; nothing has changed then.
    """
    contents, account = read_assembly(assembly), before.account
    templates = [_template(account, stack) for stack in contents.stacks]
    _refuse_unsupported(templates, account.stubs)
    account.providers.update(_providers(templates))
    deployed = dict(before.deployed)
    findings = [
        finding
        for template in templates
        if template.stack in deployed
        for finding in unsupported_changes(template, deployed[template.stack])
    ]
    if findings:
        raise UnsupportedChange(findings)
    account.assets.use(contents.assets)
    logs, changes = dict(before.logs), list[str]()
    for template in templates:
        name = template.stack
        log = logs.get(name) or _new_log(account, name)
        others = {other: stack for other, stack in deployed.items() if other != name}
        stack = deployed.get(name, EMPTY)
        if stack.template == template:
            continue
        update = StackUpdate(account, template, stack, others, log)
        logs[name] = log
        try:
            deployed[name] = update.run()
        except StackUpdateError as failure:
            deployed.setdefault(name, EMPTY)
            return DeploymentResult(deployed, account, logs, tuple(changes), failure)
        finally:
            log.updated_at = datetime.now(UTC) if stack is not EMPTY else None
        changes += update.changes
    return DeploymentResult(deployed, account, logs, tuple(changes))


def _new_log(account: TargetAccount, stack: str) -> StackLog:
    return StackLog(stack, pseudo_parameters(account, stack)["AWS::StackId"])


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
    template = read_template(
        stack.name, stack.template, pseudo_parameters=pseudo, ssm_parameter=ssm_parameter
    )
    return with_custom_resources(template, account.stubs.types)


def _refuse_needless(stubs: Stubs) -> None:
    # The function of a custom resource may need what the machine lacks.
    if needless := sorted(stubs.types & RESOURCE_TYPES.keys() - {CUSTOM}):
        raise AssemblyError(f"stubs stand for unsupported types only, not for {', '.join(needless)}")


def _refuse_unsupported(templates: list[Template], stubs: Stubs) -> None:
    findings = []
    for template in templates:
        for resource in template.resources:
            if resource.type in stubs.types:
                continue
            construct = f" (construct {resource.path})" if resource.path else ""
            place = f"{template.stack}/{resource.logical_id}{construct}: {resource.type}"
            kind = RESOURCE_TYPES.get(resource.type)
            if kind is None:
                findings.append(f"{place} is not a supported resource type")
                continue
            if undeclared := kind.undeclared(resource.properties):
                findings.append(f"{place} does not support the properties {', '.join(undeclared)}")
            if resource.type == CUSTOM and (runtime := other_runtime(template, resource)):
                findings.append(f"{place} has a function that runs on {runtime}; offline, only Python runs")
            unsupported = kind.unsupported_values(resource.properties)
            findings += [f"{place} does not support {value}" for value in unsupported]
    if findings:
        raise UnsupportedResource(findings)


def _providers(templates: list[Template]) -> Iterator[tuple[str, str]]:
    """Yield the functions whose work for custom resources the offline cloud does itself."""
    for template in templates:
        for resource in template.resources:
            if resource.type.startswith("Custom::") and resource.type in RESOURCE_TYPES:
                token = resource.properties.get("ServiceToken")
                for logical_id, _ in references(token, template.stack):
                    yield template.stack, logical_id
            if is_framework(resource):
                yield template.stack, resource.logical_id


def _record(log: StackLog, stack: DeployedStack) -> StackRecord:
    exported = {value: export for export, value in stack.export_names.items()}
    return StackRecord(
        id=log.id,
        name=log.name,
        created_at=log.created_at,
        outputs=tuple(
            RecordedOutput(output, value, exported.get(output)) for output, value in stack.outputs.items()
        ),
        resources={
            logical_id: (resource.type, resource.physical_id)
            for logical_id, resource in stack.resources.items()
        },
        log=log,
    )


def _outputs(stacks: Mapping[str, DeployedStack]) -> dict[str, str]:
    named = [(stack, name, value) for stack in stacks for name, value in stacks[stack].outputs.items()]
    count = Counter(name for _, name, _ in named)
    return {
        **{f"{stack}.{name}": value for stack, name, value in named},
        **{name: value for _, name, value in named if count[name] == 1},
    }
