"""The event source mapping from a queue of an Amazon MQ broker to a function."""

from operator import attrgetter

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import network_arns
from infrastructure.components.service_function import ServiceFunction
from infrastructure.triggers import MessageBroker

CHANGES_INTERFACES = ("CreateNetworkInterface", "DeleteNetworkInterface")
LOOKS_AT_NETWORK = ("DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs")
"""They support no resource, so they are allowed on `*`; Lambda reaches the broker through its subnets.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""


class BrokerQueueMapping(Construct):
    """Sends batches; a failed one returns to the broker's queue whole: there are no partial responses.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        function: ServiceFunction,
        broker: MessageBroker,
        secret_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        broker_arn, queue, virtual_host = attrgetter(broker.arn, broker.queue, broker.virtual_host)(
            stage.settings
        )
        function.allow(broker_arn, "mq:DescribeBroker")
        for actions, resources in (CHANGES_INTERFACES, network_arns(self)), (LOOKS_AT_NETWORK, ["*"]):
            named = [f"ec2:{action}" for action in actions]
            function.permit(iam.PolicyStatement(actions=named, resources=resources))
        lambda_.CfnEventSourceMapping(
            self,
            "Resource",
            function_name=function.alias.function_arn,
            event_source_arn=broker_arn,
            queues=[queue],
            batch_size=broker.batch_size,
            source_access_configurations=[
                {"type": "BASIC_AUTH", "uri": secret_arn},
                {"type": "VIRTUAL_HOST", "uri": virtual_host},
            ],
        )
        function.shift_traffic()
