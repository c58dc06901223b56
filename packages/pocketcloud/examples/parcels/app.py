"""An example app that tracks parcels: bus, rule, topic, queue, dead-letter queue, function and table."""

import os
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

CODE = Path(__file__).parent / "code"


class Parcels(cdk.Stack):
    """All resources of the app."""

    def __init__(self, app: cdk.App) -> None:
        super().__init__(app, "parcels")
        table = dynamodb.TableV2(
            self,
            "Table",
            table_name="parcels",
            partition_key=dynamodb.Attribute(name="parcel", type=dynamodb.AttributeType.STRING),
        )
        topic = sns.Topic(self, "Topic", topic_name="parcels")
        events.Rule(
            self,
            "Scanned",
            event_bus=events.EventBus(self, "Bus", event_bus_name="parcels"),
            event_pattern=events.EventPattern(detail_type=["ParcelScanned"]),
            targets=[targets.SnsTopic(topic, message=events.RuleTargetInput.from_event_path("$.detail"))],
        )
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name="parcels",
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=sqs.Queue(self, "DeadLetters", queue_name="parcels-dlq"), max_receive_count=3
            ),
        )
        topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
        function = lambda_.Function(
            self,
            "Function",
            function_name="parcels",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="handler.handle",
            code=lambda_.Code.from_asset(str(CODE)),
        )
        function.add_event_source(sources.SqsEventSource(queue))
        table.grant(function, "dynamodb:PutItem")


def synthesize(outdir: Path) -> None:
    """Write the cloud assembly."""
    app = cdk.App(outdir=str(outdir))
    Parcels(app)
    app.synth()


if __name__ == "__main__":
    synthesize(Path(os.environ.get("CDK_OUTDIR", "cdk.out")))
