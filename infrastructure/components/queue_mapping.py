"""The event source mapping from a queue to a function."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.components.service_function import ServiceFunction


class QueueMapping(Construct):
    """Sends batches of messages; SQS redelivers only the failed ones."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: ServiceFunction,
        queue: sqs.Queue,
        batch_size: int,
        batching_window_seconds: int,
        concurrency: int,
    ) -> None:
        super().__init__(scope, construct_id)
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
        polls = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        function.allow(queue.queue_arn, *(f"sqs:{action}" for action in polls))
        lambda_.EventSourceMapping(
            self,
            "Resource",
            target=function.alias,
            event_source_arn=queue.queue_arn,
            batch_size=batch_size,
            max_batching_window=Duration.seconds(batching_window_seconds)
            if batching_window_seconds
            else None,
            report_batch_item_failures=True,
            # Not reserved concurrency: throttled receives would move messages to the dead-letter queue.
            # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
            max_concurrency=concurrency,
        )
