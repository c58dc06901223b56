"""The CDK application: the stacks of one stage and the order they are deployed in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from infrastructure import topology
from infrastructure.leave_out import leave_out
from infrastructure.stacks.api import ApiStack
from infrastructure.stacks.observability import ObservabilityStack
from infrastructure.stacks.platform import PlatformStack
from infrastructure.stacks.service import ServiceStack
from infrastructure.stage import Stage


def synthesise(outdir: Path, *, context: Mapping[str, Any]) -> None:
    """Write the cloud assembly of the stage that the context, or the command line above it, names."""
    app = App(outdir=str(outdir), context=context)
    # The stages do not come through the app: jsii drops a null, and null is an answer here.
    add_stacks(app, stage=Stage.parse(app.node.get_context("stage"), context["stages"]))
    leave_out(app)
    app.synth()


def add_stacks(app: App, *, stage: Stage) -> None:
    """Add the stacks of one stage; each finds the others by name alone."""
    platform = PlatformStack(app, stage=stage)
    api = ApiStack(app, stage=stage)
    observability = ObservabilityStack(app, stage=stage)
    for service in topology.SERVICES:
        stack = ServiceStack(app, stage=stage, service=service)
        stack.add_stack_dependency(platform, "subscribes to its topics")
        observability.add_stack_dependency(stack, "its alarms are about those of the service")
        if service.api or service.webhooks_with(stage.gateway):
            api.add_stack_dependency(stack, "invokes its API function")
