"""The last steps: destroy all stacks, and check that no resource is left."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy_check import assembly as assemblies
from deploy_check.deployment import Deployment
from deploy_check.failure import require


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A resource type, and how a client of its service lists its resources."""

    name: str
    type: str
    service: str
    listed: Callable[[Any], list[str]]


def _items(call: str, items: str, name: str, **arguments: int) -> Callable[[Any], list[str]]:
    """Return a function that lists an attribute of each item of a call."""
    return lambda client: [
        str(item[name]) for page in _pages(client, call, **arguments) for item in page[items]
    ]


def _plain(call: str, items: str) -> Callable[[Any], list[str]]:
    """Return a function that lists the names that a call returns."""
    return lambda client: [name for page in _pages(client, call) for name in page.get(items, [])]


def _pages(client: Any, call: str, **arguments: int) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401 - as below
    if client.can_paginate(call):
        pages: Iterable[Mapping[str, Any]] = client.get_paginator(call).paginate(**arguments)
        return pages
    return [getattr(client, call)(**arguments)]


def _own_buses(client: Any) -> list[str]:  # noqa: ANN401 - boto3's clients share no type
    return [name for name in _items("list_event_buses", "EventBuses", "Name")(client) if name != "default"]


RESOURCE_KINDS = (
    ResourceKind("queues", "AWS::SQS::Queue", "sqs", _plain("list_queues", "QueueUrls")),
    ResourceKind("tables", "AWS::DynamoDB::Table", "dynamodb", _plain("list_tables", "TableNames")),
    ResourceKind(
        "functions", "AWS::Lambda::Function", "lambda", _items("list_functions", "Functions", "FunctionName")
    ),
    ResourceKind(
        "layers", "AWS::Lambda::LayerVersion", "lambda", _items("list_layers", "Layers", "LayerName")
    ),
    ResourceKind(
        "mappings",
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        _items("list_event_source_mappings", "EventSourceMappings", "UUID"),
    ),
    ResourceKind("topics", "AWS::SNS::Topic", "sns", _items("list_topics", "Topics", "TopicArn")),
    ResourceKind(
        "subscriptions",
        "AWS::SNS::Subscription",
        "sns",
        _items("list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ),
    ResourceKind("buses", "AWS::Events::EventBus", "events", _own_buses),
    ResourceKind("HTTP APIs", "AWS::ApiGatewayV2::Api", "apigatewayv2", _items("get_apis", "Items", "Name")),
    ResourceKind(
        "user pools",
        "AWS::Cognito::UserPool",
        "cognito-idp",
        _items("list_user_pools", "UserPools", "Name", MaxResults=60),
    ),
    ResourceKind(
        "log groups",
        "AWS::Logs::LogGroup",
        "logs",
        _items("describe_log_groups", "logGroups", "logGroupName"),
    ),
    ResourceKind(
        "alarms",
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        _items("describe_alarms", "MetricAlarms", "AlarmName"),
    ),
    ResourceKind(
        "identities",
        "AWS::SES::EmailIdentity",
        "sesv2",
        _items("list_email_identities", "EmailIdentities", "IdentityName"),
    ),
)


def destroy(check: Deployment) -> str:
    """Destroy every stack; check that every resource listed before is gone."""
    types, before = set(assemblies.resource_types(check.assembly)), _found(check)
    missing = [kind.name for kind in RESOURCE_KINDS if kind.type in types and not before[kind.name]]
    require(met=not missing, otherwise=f"deployed, but not listed: {', '.join(missing)}")
    check.cdk.destroy(check.assembly)
    require_nothing_left(check)
    return f"{', '.join(f'{len(names)} {kind}' for kind, names in before.items() if names)}: all gone"


def require_nothing_left(check: Deployment) -> str:
    """Check that no resource and no stack but CDKToolkit is left."""
    left = {kind: names for kind, names in _found(check).items() if names}
    require(met=not left, otherwise=f"left behind: {left}")
    stacks = check.endpoint.client("cloudformation").list_stacks()["StackSummaries"]
    remaining = {each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"}
    require(met=remaining == {"CDKToolkit"}, otherwise=f"stacks left: {remaining}")
    return "only CDKToolkit"


def _found(check: Deployment) -> Mapping[str, list[str]]:
    return {kind.name: kind.listed(check.endpoint.client(kind.service)) for kind in RESOURCE_KINDS}
