"""The CDK app of an application: the stacks of one stage and the order of their deployment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import infrastructure.node  # noqa: F401 - jsii starts Node when aws_cdk is imported

# isort: split
from aws_cdk import App, Stack

from infrastructure.application import Application, Stage
from infrastructure.context import reject_region, reject_unfinished
from infrastructure.leave_out import leave_out
from infrastructure.orderbus import ORDERBUS
from infrastructure.stacks.api import ApiStack
from infrastructure.stacks.backup import BackupStack
from infrastructure.stacks.edge import EdgeStack
from infrastructure.stacks.key import KeyStack
from infrastructure.stacks.observability import ObservabilityStack
from infrastructure.stacks.platform import PlatformStack
from infrastructure.stacks.service import ServiceStack
from infrastructure.stacks.trail import TrailStack

BOUNDARY_OF_ROLES = "@aws-cdk/core:permissionsBoundary"
"""https://docs.aws.amazon.com/cdk/v2/guide/customize-permissions-boundaries.html"""


def synthesise(
    outdir: Path,
    *,
    context: Mapping[str, Any],
    application: Application = ORDERBUS,
    is_validated: bool = True,
) -> None:
    """Write the cloud assembly of the stage that the context, or the command line above it, names.

    The CDK's validation of the templates takes half of the time: leave it out for templates that vary
    validated ones.
    """
    app = App(outdir=str(outdir), context=context, builtin_cloud_formation_validation=is_validated)
    # The stages do not go through the app: jsii drops a null, and null is a valid setting.
    stage = application.stage(app.node.get_context("stage"), context["stages"])
    reject_unfinished(app, stage.settings)
    reject_region(app, stage)
    if stage.settings.permissions_boundary:
        app.node.set_context(BOUNDARY_OF_ROLES, {"name": stage.names.permissions_boundary})
    add_stacks(app, stage=stage)
    leave_out(app)
    app.synth()


def add_stacks(app: App, *, stage: Stage) -> None:
    """Add the stacks of one stage; each finds the others' resources by name."""
    key = KeyStack(app, stage=stage) if stage.settings.encryption_key else None
    platform = PlatformStack(app, stage=stage)
    api = ApiStack(app, stage=stage) if stage.topology.has_routes else None
    observability = ObservabilityStack(app, stage=stage)
    protection = _add_protection(app, stage=stage)
    for service in stage.services:
        stack = ServiceStack(app, stage=stage, service=service)
        stack.add_stack_dependency(platform, "subscribes to its topics")
        observability.add_stack_dependency(stack, "combines its alarms")
        if api and api.invokes(service):
            api.add_stack_dependency(stack, "invokes its functions")
    for encrypted in (platform, api, observability, *protection):
        if key and encrypted:
            encrypted.add_stack_dependency(key, "is encrypted with its key")
    if api:
        _add_edge(app, stage=stage, api=api)


def _add_protection(app: App, *, stage: Stage) -> list[Stack]:
    """Add the stacks of what protects the stage's data, where its settings have it."""
    events, copies = stage.settings.data_events, stage.settings.backup
    return [
        *([TrailStack(app, stage=stage, settings=events)] if events else []),
        *([BackupStack(app, stage=stage, settings=copies)] if copies else []),
    ]


def _add_edge(app: App, *, stage: Stage, api: ApiStack) -> None:
    """Add the distribution in front of the API, where the stage has one."""
    edge, domain = stage.settings.edge, stage.settings.domain
    if edge and domain:
        stack = EdgeStack(app, stage=stage, edge=edge, origin=domain.name)
        stack.add_stack_dependency(api, "reaches its domain")
