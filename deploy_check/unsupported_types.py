"""The resource types that the endpoint does not support, which the app is synthesized without."""

import json

from deploy_check.endpoint import Endpoint
from deploy_check.failure import CheckError

TYPES = (
    "AWS::Events::Archive",
    "AWS::Events::EventBusPolicy",
    "AWS::EventSchemas::Registry",
    "AWS::EventSchemas::Schema",
)


def require_unsupported(endpoint: Endpoint) -> None:
    """Deploy one resource of each type; raise CheckError if the endpoint supports one now."""
    cloudformation = endpoint.client("cloudformation")
    for kind in TYPES:
        body = json.dumps({"Resources": {"One": {"Type": kind, "Properties": {}}}})
        name = f"unknown-{kind.replace('::', '-')}"
        try:
            cloudformation.create_stack(StackName=name, TemplateBody=body)
        except cloudformation.exceptions.ClientError as error:
            if "Unrecognized resource types" in str(error):
                continue
            raise
        raise CheckError(
            f"the endpoint supports {kind} now: remove it from deploy_check/unsupported_types.py"
        )
