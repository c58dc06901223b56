"""The event source mapping from a queue of an Amazon MQ broker to a function."""

from operator import attrgetter

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.network_access import mapping_statements
from infrastructure.components.service_function import ServiceFunction
from infrastructure.triggers import MessageBroker


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
        for statement in mapping_statements(self):
            function.permit(statement)
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
