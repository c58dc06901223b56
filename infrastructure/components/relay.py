"""The relay: from the event log's stream to the order bus."""

import json

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.components.alarm import StageAlarm
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.service_function import ServiceFunction
from infrastructure.stage import Stage

RETRIES = 100
RECORD_AGE = Duration.hours(12)
"""Half of the stream's 24 hours: what is given up can still be read from the stream."""


class Relay(Construct):
    """Publishes every inserted row, in its key's order; rows it must give up are named in a queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: lambda_.ILayerVersion,
        event_log: dynamodb.Table,
        order_bus: events.EventBus,
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue("relay")
        ).queue
        function = ServiceFunction(
            self,
            "Function",
            stage=stage,
            function_name=stage.names.relay,
            service="relay",
            module="handler",
            timeout=30,
            memory=256,
            layer=layer,
            environment={
                "ORDER_BUS_NAME": stage.names.order_bus,
                "DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
            },
        )
        self.role, self.function = function.role, function.function
        self._grant(event_log, order_bus)
        self._mapping(event_log)
        self._watch(stage)

    def _grant(self, event_log: dynamodb.Table, order_bus: events.EventBus) -> None:
        granted = {
            order_bus.event_bus_arn: ["events:PutEvents"],
            self.dead_letters.queue_arn: ["sqs:SendMessage"],
            # ListStreams too takes the stream as its resource:
            # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
            str(event_log.table_stream_arn): [
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
            ],
        }
        for resource, actions in granted.items():
            self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _mapping(self, event_log: dynamodb.Table) -> None:
        # The level-one mapping: the level-two one grants more on the failure queue than SendMessage.
        lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=self.function.function_name,
            event_source_arn=event_log.table_stream_arn,
            # LATEST may miss what is written while the mapping is being made.
            starting_position="TRIM_HORIZON",
            batch_size=100,
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=RETRIES,
            maximum_record_age_in_seconds=RECORD_AGE.to_seconds(),
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={"filters": [{"pattern": json.dumps({"eventName": ["INSERT"]})}]},
            destination_config={"onFailure": {"destination": self.dead_letters.queue_arn}},
        )

    def _watch(self, stage: Stage) -> None:
        StageAlarm(
            self,
            "IteratorAge",
            stage=stage,
            alarm_name=f"{stage.names.relay}-iterator-age",
            description="Facts wait in the event log's stream: the relay fails or is too slow.",
            metric=self.function.metric("IteratorAge", period=Duration.minutes(1), statistic="Maximum"),
            threshold=stage.alarms.iterator_age_seconds * 1000,
            evaluation_periods=stage.alarms.evaluation_periods,
        )
