"""The permission of a function to put events on the ingress bus, as a bridge from another broker does."""

import json
from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import bus_arn
from infrastructure.components.event_buses import SOURCE


def put_on_ingress(scope: Construct, *, stage: Stage, sources: Sequence[str]) -> iam.PolicyStatement:
    """Allow PutEvents in the names of these sources, and in no other."""
    return iam.PolicyStatement(
        actions=["events:PutEvents"],
        resources=[bus_arn(scope, stage.names.ingress_bus)],
        # `ForAllValues` alone holds for a request that names no source at all.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        conditions={
            "ForAllValues:StringEquals": {SOURCE: list(sources)},
            "Null": {SOURCE: "false"},
        },
    )


def ingress_variables(stage: Stage) -> dict[str, str]:
    """The environment of such a function: the bus, and the sources that may pass."""
    return {
        "INGRESS_BUS": stage.names.ingress_bus,
        "INGRESS_SOURCES": json.dumps(stage.settings.ingress_sources),
    }
