"""Leave resource types out of the templates, for an endpoint that does not support them.

`cdk synth -c leave_out=AWS::Events::Archive,AWS::EventSchemas::Schema` leaves out exactly those. It is for
`make deploy-check`, which prints what it omitted, and never for an account.
"""

from aws_cdk import App, CfnResource, Stack

CONTEXT = "leave_out"


class UnknownTypeError(ValueError):
    """The app has no resource of the type to leave out."""


def leave_out(app: App) -> None:
    """Remove every resource of the types in the context, and every stack that is empty then.

    UnknownTypeError if the app does not have a type.
    """
    wanted = {kind.strip() for kind in (app.node.try_get_context(CONTEXT) or "").split(",") if kind.strip()}
    resources = _resources(app) if wanted else []
    unknown = wanted - {resource.cfn_resource_type for resource in resources}
    if unknown:
        raise UnknownTypeError(
            f"{CONTEXT}: the app has no {', '.join(sorted(unknown))}; remove it from {CONTEXT}"
        )
    for resource in resources:
        if resource.cfn_resource_type in wanted and resource.node.scope:
            resource.node.scope.node.try_remove_child(resource.node.id)
    # CloudFormation rejects an empty stack.
    for stack in app.node.children:
        if wanted and isinstance(stack, Stack) and not _resources(stack):
            app.node.try_remove_child(stack.node.id)


def _resources(scope: App | Stack) -> list[CfnResource]:
    return [found for found in scope.node.find_all() if isinstance(found, CfnResource)]
