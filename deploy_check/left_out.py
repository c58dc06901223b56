"""What the endpoint does not know, and the app is synthesised without; and the proof that it does not."""

import json

from deploy_check.endpoint import Endpoint
from deploy_check.failure import CheckError

TYPES = (
    "AWS::Events::Archive",
    "AWS::Events::EventBusPolicy",
    "AWS::EventSchemas::Registry",
    "AWS::EventSchemas::Schema",
    "AWS::CloudWatch::CompositeAlarm",
)


def confirm_unknown(endpoint: Endpoint) -> None:
    """Ask the endpoint for one of each; CheckError if it would take any, as then none may be left out."""
    cloudformation = endpoint.client("cloudformation")
    for kind in TYPES:
        body = json.dumps({"Resources": {"One": {"Type": kind, "Properties": {}}}})
        name = f"unknown-{kind.replace('::', '-')}"
        try:
            cloudformation.create_stack(StackName=name, TemplateBody=body)
        except cloudformation.exceptions.ClientError as refusal:
            if "Unrecognized resource types" in str(refusal):
                continue
            raise
        raise CheckError(f"the endpoint knows {kind} by now: take it from deploy_check/left_out.py")
