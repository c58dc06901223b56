"""The last step: everything goes, and nothing is left."""

from collections.abc import Callable
from typing import Any

from deploy_check.deployment import Deployment
from deploy_check.failure import require

Listing = Callable[[Any], list[str]]

LISTINGS: dict[str, tuple[str, Listing]] = {
    "queues": ("sqs", lambda client: list(client.list_queues().get("QueueUrls", []))),
    "tables": ("dynamodb", lambda client: list(client.list_tables()["TableNames"])),
    "functions": ("lambda", lambda client: _names(client.list_functions(), "Functions", "FunctionName")),
    "layers": ("lambda", lambda client: _names(client.list_layers(), "Layers", "LayerName")),
    "mappings": (
        "lambda",
        lambda client: _names(client.list_event_source_mappings(), "EventSourceMappings", "UUID"),
    ),
    "topics": ("sns", lambda client: _names(client.list_topics(), "Topics", "TopicArn")),
    "subscriptions": (
        "sns",
        lambda client: _names(client.list_subscriptions(), "Subscriptions", "SubscriptionArn"),
    ),
    "buses": (
        "events",
        lambda client: [
            name for name in _names(client.list_event_buses(), "EventBuses", "Name") if name != "default"
        ],
    ),
    "HTTP APIs": ("apigatewayv2", lambda client: _names(client.get_apis(), "Items", "Name")),
    "user pools": (
        "cognito-idp",
        lambda client: _names(client.list_user_pools(MaxResults=60), "UserPools", "Name"),
    ),
    "log groups": (
        "logs",
        lambda client: _names(client.describe_log_groups(), "logGroups", "logGroupName"),
    ),
    "alarms": (
        "cloudwatch",
        lambda client: _names(client.describe_alarms(), "MetricAlarms", "AlarmName"),
    ),
    "identities": (
        "sesv2",
        lambda client: _names(client.list_email_identities(), "EmailIdentities", "IdentityName"),
    ),
}
"""What to look for: its name, and how to list it."""


def destroy(check: Deployment) -> str:
    """Every stack goes; whatever could be listed before is gone."""
    before = _found(check)
    blind = [kind for kind, names in before.items() if not names]
    require(met=not blind, otherwise=f"nothing to destroy, so nothing to prove: no {', '.join(blind)}")
    check.cdk.destroy(check.assembly)
    left = {kind: names for kind, names in _found(check).items() if names}
    require(met=not left, otherwise=f"left behind: {left}")
    stacks = check.endpoint.client("cloudformation").list_stacks()["StackSummaries"]
    alive = {each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"}
    require(met=alive == {"CDKToolkit"}, otherwise=f"stacks left: {alive}")
    return ", ".join(f"{len(names)} {kind}" for kind, names in before.items()) + ": all gone"


def _found(check: Deployment) -> dict[str, list[str]]:
    return {kind: listing(check.endpoint.client(service)) for kind, (service, listing) in LISTINGS.items()}


def _names(answer: dict[str, Any], items: str, name: str) -> list[str]:
    return [str(item[name]) for item in answer[items]]
