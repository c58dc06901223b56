"""The permissions with which Lambda puts network interfaces into a VPC for a function or a mapping."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.arns import function_arn, network_arns
from infrastructure.bridge_settings import Network

CHANGES_INTERFACES = ("CreateNetworkInterface", "DeleteNetworkInterface")
LOOKS_AT_NETWORK = ("DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs")
"""They support no resource, so they are allowed on `*`.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""
OF_A_FUNCTION = ("DescribeNetworkInterfaces", "DescribeSubnets")
ADDRESSES = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")


def mapping_statements(scope: Construct) -> list[iam.PolicyStatement]:
    """Return what a mapping's pollers need to reach a broker through its subnets.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-permissions.html
    """
    return [_allow(CHANGES_INTERFACES, network_arns(scope)), _allow(LOOKS_AT_NETWORK, ["*"])]


def function_statements(scope: Construct, network: Network, function_name: str) -> list[iam.PolicyStatement]:
    """Return what Lambda needs to connect the function to these subnets; its code may do nothing of it.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    stack = Stack.of(scope)

    def arn(kind: str, name: str) -> str:
        return stack.format_arn(service="ec2", resource=kind, resource_name=name)

    used = [
        *(arn("subnet", name) for name in network.subnets),
        *(arn("security-group", name) for name in network.security_groups),
    ]
    interfaces = arn("network-interface", "*")
    denied = _allow((*CHANGES_INTERFACES, *OF_A_FUNCTION, *ADDRESSES), ["*"])
    denied.effect = iam.Effect.DENY
    denied.add_condition("ArnEquals", {"lambda:SourceFunctionArn": function_arn(scope, function_name)})
    return [
        _allow(("CreateNetworkInterface",), [*used, interfaces]),
        # Lambda accepts one interface by name, or this pattern.
        _allow(("DeleteNetworkInterface",), [arn("*", "*")]),
        _allow(ADDRESSES, [interfaces]),
        _allow(OF_A_FUNCTION, ["*"]),
        denied,
    ]


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    named = [f"ec2:{action}" for action in actions]
    return iam.PolicyStatement(actions=named, resources=list(resources))
