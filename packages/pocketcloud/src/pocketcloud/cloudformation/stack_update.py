"""Update one stack: create, update and replace its resources, then delete the others; or undo all of it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pocketcloud.cloudformation.errors import DeployError, ResourceError, StackUpdateError
from pocketcloud.cloudformation.resources.account import TargetAccount
from pocketcloud.cloudformation.resources.lifecycles import LIFECYCLES
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest
from pocketcloud.cloudformation.stack import (
    DeployedResource,
    DeployedStack,
    create_resource,
    finish_stack,
    keep_in_scope,
    open_scope,
    request_for,
)
from pocketcloud.cloudformation.stack_changes import changed_properties, check_exports, unsupported_change
from pocketcloud.cloudformation.stack_log import StackLog
from pocketcloud.cloudformation.template import Template, TemplateResource

EMPTY = DeployedStack({}, {}, {}, {})
_FAILURES = (BotoCoreError, ClientError, DeployError, NotImplementedError, ValueError)
_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing."
    " Rename {} and update the stack again."
)


class StackUpdate:
    """One update of a stack, or its creation if it was empty."""

    def __init__(
        self,
        account: TargetAccount,
        template: Template,
        before: DeployedStack,
        others: Mapping[str, DeployedStack],
        log: StackLog,
    ) -> None:
        self._account = account
        self._template = template
        self._before = before
        self._others = others
        self._scope = open_scope(account, template, others)
        self._log = log
        self._verb = "UPDATE" if before is not EMPTY else "CREATE"
        self._undo: list[Callable[[], object]] = []
        self._obsolete: list[tuple[str, DeployedResource, bool]] = []
        self.changes: list[str] = []
        """The changes, one sentence each."""

    def run(self) -> DeployedStack:
        """Return the updated stack; undo everything and raise StackUpdateError if a part fails."""
        self._log.set_status(f"{self._verb}_IN_PROGRESS", "User Initiated")
        try:
            resources = {each.logical_id: self._apply(each) for each in self._template.resources}
            after = finish_stack(self._template, resources, self._scope)
            check_exports(self._template.stack, self._before, after, self._others)
        except _FAILURES as error:
            self._roll_back(error)
            raise StackUpdateError(self._template.stack, str(error), self._log.status) from error
        if self._verb == "UPDATE":
            self._log.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(resources)
        self._log.set_status(f"{self._verb}_COMPLETE")
        return after

    def _apply(self, resource: TemplateResource) -> DeployedResource:
        old = self._before.resources.get(resource.logical_id)
        try:
            request = request_for(self._account, self._template.stack, resource, self._scope)
            return self._create(resource, request) if old is None else self._change(resource, request, old)
        except _FAILURES as error:
            verb = "CREATE" if old is None else "UPDATE"
            physical_id = old.physical_id if old else ""
            self._log.write(resource.logical_id, physical_id, resource.type, f"{verb}_FAILED", str(error))
            raise

    def _create(self, resource: TemplateResource, request: CreateRequest) -> DeployedResource:
        created = create_resource(request, resource, self._scope)
        self._undo.append(lambda: _delete(self._account, self._template.stack, created))
        self._note(resource, created, "CREATE_COMPLETE", "created")
        return created

    def _change(
        self, resource: TemplateResource, request: CreateRequest, old: DeployedResource
    ) -> DeployedResource:
        changed = changed_properties(resource.type, old.properties, request.properties)
        if not changed:
            return keep_in_scope(request, resource, self._existing(old).created, self._scope)
        if reason := unsupported_change(resource.type, changed):
            raise ResourceError(f"{self._place(resource)}: {reason} offline")
        if LIFECYCLES[resource.type].is_replaced_by(changed):
            return self._replace(resource, request, old)
        return self._update(resource, request, old)

    def _update(
        self, resource: TemplateResource, request: CreateRequest, old: DeployedResource
    ) -> DeployedResource:
        existing = self._existing(old)
        before = replace(request, properties=existing.properties)
        changed = replace(existing, properties=request.properties)
        self._undo.append(lambda: _update(changed, before))
        try:
            created = _update(existing, request)
        except (BotoCoreError, ClientError, ResourceError) as error:
            raise ResourceError(f"{self._place(resource)}: {error}") from error
        updated = keep_in_scope(request, resource, created, self._scope)
        self._note(resource, updated, "UPDATE_COMPLETE", "updated")
        return updated

    def _replace(
        self, resource: TemplateResource, request: CreateRequest, old: DeployedResource
    ) -> DeployedResource:
        name = LIFECYCLES[resource.type].custom_name
        if name and name in old.properties and old.properties[name] == request.properties.get(name):
            raise ResourceError(f"{self._place(resource)}: {_NAMED.format(old.properties[name])}")
        key = self._template.stack, resource.logical_id
        self._account.replacements[key] += 1
        self._undo.append(lambda: self._account.replacements.subtract([key]))
        created = create_resource(request, resource, self._scope)
        self._undo.append(lambda: _delete(self._account, self._template.stack, created))
        self._obsolete.append((resource.logical_id, old, resource.is_retained_when_replaced))
        self._note(resource, created, "UPDATE_COMPLETE", "replaced")
        return created

    def _existing(self, old: DeployedResource) -> Existing:
        return _existing(self._account, self._template.stack, old)

    def _place(self, resource: TemplateResource) -> str:
        return f"{self._template.stack}/{resource.logical_id} ({resource.type})"

    def _note(self, resource: TemplateResource, now: DeployedResource, status: str, done: str) -> None:
        self._log.write(resource.logical_id, now.physical_id, resource.type, status)
        self.changes.append(f"{self._place(resource)} was {done}")

    def _roll_back(self, error: Exception) -> None:
        prefix = "UPDATE_ROLLBACK" if self._verb == "UPDATE" else "ROLLBACK"
        self._log.set_status(f"{prefix}_IN_PROGRESS", str(error))
        failed = []
        for undo in reversed(self._undo):
            try:
                undo()
            except _FAILURES as failure:
                failed.append(str(failure))
        self._log.set_status(f"{prefix}_{'FAILED' if failed else 'COMPLETE'}", "; ".join(failed) or None)

    def _clean_up(self, resources: Mapping[str, DeployedResource]) -> None:
        """Delete replaced and removed resources, those that others depend on last."""
        gone = [
            (logical_id, resource, resource.source.is_retained)
            for logical_id, resource in self._before.resources.items()
            if logical_id not in resources
        ]
        order = {logical_id: number for number, logical_id in enumerate(self._before.resources)}
        for logical_id, resource, is_retained in sorted(
            [*gone, *self._obsolete], key=lambda entry: order[entry[0]], reverse=True
        ):
            self._remove(logical_id, resource, is_retained=is_retained)

    def _remove(self, logical_id: str, resource: DeployedResource, *, is_retained: bool) -> None:
        place = f"{self._template.stack}/{logical_id} ({resource.type}) {resource.physical_id}"
        if is_retained:
            self._log.write(logical_id, resource.physical_id, resource.type, "DELETE_SKIPPED")
            self.changes.append(f"{place} is retained outside the stack")
            return
        try:
            _delete(self._account, self._template.stack, resource)
        except _FAILURES as error:
            # CloudFormation completes the update and leaves the resource behind, too.
            self._log.write(logical_id, resource.physical_id, resource.type, "DELETE_FAILED", str(error))
            self.changes.append(f"{place} could not be deleted: {error}")
            return
        self._log.write(logical_id, resource.physical_id, resource.type, "DELETE_COMPLETE")
        self.changes.append(f"{place} was deleted")


def _existing(account: TargetAccount, stack: str, resource: DeployedResource) -> Existing:
    properties: Any = resource.properties
    return Existing(
        account=account,
        stack=stack,
        logical_id=resource.source.logical_id,
        type=resource.type,
        declared_type=resource.source.declared_type,
        physical_id=resource.physical_id,
        properties=properties,
        attributes=resource.attributes,
    )


def _update(existing: Existing, request: CreateRequest) -> Created:
    update = LIFECYCLES[existing.type].update
    if update is None:
        raise ResourceError(f"{existing.type} cannot be updated in place")
    return update(existing, request)


def _delete(account: TargetAccount, stack: str, resource: DeployedResource) -> None:
    if resource.type in account.stubs.types:
        return
    if resource.type not in LIFECYCLES:
        raise ResourceError(f"{resource.type} {resource.physical_id} cannot be deleted offline")
    LIFECYCLES[resource.type].delete(_existing(account, stack, resource))
