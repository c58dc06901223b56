"""Resource types left out of the templates on request, for an endpoint that does not know them.

`cdk synth -c leave_out=AWS::Events::Archive,AWS::EventSchemas::Schema` leaves out exactly those. It is for
`make deploy-check`, which prints what it left out, and never for an account.
"""

from aws_cdk import App, CfnResource

CONTEXT = "leave_out"


class UnknownTypeError(ValueError):
    """What was to be left out is not there to begin with."""


def leave_out(app: App) -> None:
    """Remove every resource of the types that the context names; a type the app does not have is refused."""
    wanted = {kind.strip() for kind in (app.node.try_get_context(CONTEXT) or "").split(",") if kind.strip()}
    resources = [found for found in app.node.find_all() if isinstance(found, CfnResource)] if wanted else []
    unknown = wanted - {resource.cfn_resource_type for resource in resources}
    if unknown:
        raise UnknownTypeError(f"{CONTEXT}: the app has no {', '.join(sorted(unknown))}")
    for resource in resources:
        if resource.cfn_resource_type in wanted and resource.node.scope:
            resource.node.scope.node.try_remove_child(resource.node.id)
