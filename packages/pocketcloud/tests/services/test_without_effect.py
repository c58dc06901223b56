"""Requests without an effect offline are rejected by name."""

from typing import Any

import pytest
from small_world import World, arn

from pocketcloud.core.engine import UnsupportedOfflineError

FUNCTION = arn("lambda", "function:f")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "reason"),
    [
        (
            "dynamodb",
            "update_table",
            {"TableName": "log", "ReplicaUpdates": [{"Create": {"RegionName": "us-east-1"}}]},
            "tables with replicas",
        ),
        (
            "logs",
            "put_subscription_filter",
            {"logGroupName": "/g", "filterName": "f", "filterPattern": "", "destinationArn": FUNCTION},
            "subscription filters of logs are",
        ),
        (
            "logs",
            "put_metric_filter",
            {
                "logGroupName": "/g",
                "filterName": "f",
                "filterPattern": "",
                "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
            },
            "metric filters of logs are",
        ),
        (
            "ses",
            "create_configuration_set_event_destination",
            {"ConfigurationSetName": "c", "EventDestination": {"Name": "n", "MatchingEventTypes": ["send"]}},
            "event destinations of emails are",
        ),
        (
            "cognito-idp",
            "create_user_pool",
            {"PoolName": "p", "LambdaConfig": {"PreSignUp": FUNCTION}},
            "triggers of user pools are",
        ),
        (
            "cognito-idp",
            "update_user_pool",
            {"UserPoolId": "eu-west-1_a", "LambdaConfig": {"PreSignUp": FUNCTION}},
            "triggers of user pools are",
        ),
        (
            "sns",
            "create_topic",
            {"Name": "t.fifo", "Attributes": {"FifoTopic": "true", "ArchivePolicy": "{}"}},
            "a topic's ArchivePolicy is",
        ),
    ],
)
def test_request_without_an_effect_is_rejected(
    world: World, service: str, operation: str, parameters: dict[str, Any], reason: str
) -> None:
    world.table()
    world.cloud.client("logs").create_log_group(logGroupName="/g")
    with pytest.raises(UnsupportedOfflineError, match=reason):
        getattr(world.cloud.client(service), operation)(**parameters)


def test_other_requests_are_made(world: World) -> None:
    world.table()
    world.cloud.client("sns").create_topic(Name="t")
    described = world.cloud.client("dynamodb").update_table(TableName="log", BillingMode="PAY_PER_REQUEST")
    assert described["TableDescription"]["TableName"] == "log"
