"""The CDK application: the stacks of one stage and the order they are deployed in."""

from aws_cdk import App

from infrastructure import topology
from infrastructure.stacks.api import ApiStack
from infrastructure.stacks.platform import PlatformStack
from infrastructure.stacks.service import ServiceStack
from infrastructure.stage import Stage


def add_stacks(app: App, *, stage: Stage) -> None:
    """Add the stacks of one stage; each finds the others by name alone."""
    platform = PlatformStack(app, stage=stage)
    api = ApiStack(app, stage=stage)
    for service in topology.SERVICES:
        stack = ServiceStack(app, stage=stage, service=service)
        stack.add_stack_dependency(platform, "subscribes to its topics")
        if service.routes:
            api.add_stack_dependency(stack, "invokes its API function")
