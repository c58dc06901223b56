"""The dashboard of the bridge to Event Hubs, which is a rule without a function."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.names import EVENT_HUBS
from infrastructure.observability.graphs import graph, queue_metric, rule_metrics

OF_RULES = ("Invocations", "RetryInvocationAttempts", "InvocationsSentToDlq")
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""


class EventHubsDashboard(Construct):
    """A dashboard of the events that the rule sends, repeats and dead-letters."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        names = stage.names
        rule, dead_letters = names.forward_rule(EVENT_HUBS), names.dead_letter_queue(f"forward-{EVENT_HUBS}")
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=names.of(EVENT_HUBS),
            widgets=[
                [
                    graph("Sent, repeated, dead-lettered", *rule_metrics(names.event_bus, rule, *OF_RULES)),
                    graph(
                        "Dead-lettered messages",
                        queue_metric(dead_letters, "ApproximateNumberOfMessagesVisible"),
                    ),
                ]
            ],
        )
