"""EventBridge: buses, their policies, rules and archives."""

import json
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.json_document import as_resource_policy, as_text
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.sqs import require_queue

ENDPOINT = ("HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond")
MAX_TARGETS = 5
"""Targets per rule: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""


def _create_bus(request: CreateRequest) -> Created:
    if "DeadLetterConfig" in request.properties:
        require_queue(request, request.properties["DeadLetterConfig"]["Arn"])
    response = request.client("events").create_event_bus(
        **request.pick("Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig")
    )
    name = request.properties["Name"]
    return Created(ref=name, attributes={"Arn": response["EventBusArn"], "Name": name})


def create_bus_policy(request: CreateRequest) -> Created:
    """Add one statement to the bus's policy."""
    # PutPermission replaces the whole policy, and each EventBusPolicy has one statement.
    events = request.client("events")
    bus = request.properties.get("EventBusName", "default")
    present = json.loads(events.describe_event_bus(Name=bus).get("Policy", '{"Statement": []}'))
    statement = {**request.properties["Statement"], "Sid": request.properties["StatementId"]}
    policy = {"Version": "2012-10-17", "Statement": [*present["Statement"], statement]}
    events.put_permission(EventBusName=bus, Policy=as_resource_policy(policy))
    return Created(ref=request.logical_id)


def create_rule(request: CreateRequest) -> Created:
    """Put the rule and its targets."""
    events = request.client("events")
    name = request.name("Name")
    bus = request.pick("EventBusName")
    pattern = {key: as_text(value) for key, value in request.pick("EventPattern").items()}
    options = request.pick("Description", "ScheduleExpression", "State", "RoleArn")
    arn = events.put_rule(Name=name, **bus, **pattern, **options)["RuleArn"]
    targets = request.properties.get("Targets", [])
    if len(targets) > MAX_TARGETS:
        raise ResourceError(f"Targets: a rule can have {MAX_TARGETS} targets, not {len(targets)}")
    if targets:
        _put_targets(request, name, bus, targets)
    bus_name = bus.get("EventBusName", "default").rsplit("/", 1)[-1]
    return Created(ref=name if bus_name == "default" else f"{bus_name}|{name}", attributes={"Arn": arn})


def _put_targets(
    request: CreateRequest, rule: str, bus: dict[str, str], targets: list[dict[str, Any]]
) -> None:
    for target in targets:
        if "DeadLetterConfig" in target:
            require_queue(request, target["DeadLetterConfig"]["Arn"])
    response = request.client("events").put_targets(Rule=rule, **bus, Targets=targets)
    if response["FailedEntryCount"]:
        raise ResourceError(f"Targets: {response['FailedEntries']}")


def _create_archive(request: CreateRequest) -> Created:
    name = request.name("ArchiveName", max_characters=48)
    pattern = {key: as_text(value) for key, value in request.pick("EventPattern").items()}
    response = request.client("events").create_archive(
        ArchiveName=name,
        EventSourceArn=request.properties["SourceArn"],
        **pattern,
        **request.pick("Description", "RetentionDays", "KmsKeyIdentifier"),
    )
    return Created(ref=name, attributes={"Arn": response["ArchiveArn"], "ArchiveName": name})


def _create_connection(request: CreateRequest) -> Created:
    name = request.name("Name")
    events = request.client("events")
    events.create_connection(Name=name, **request.pick("AuthorizationType", "AuthParameters", "Description"))
    described = events.describe_connection(Name=name)
    attributes = {"Arn": described["ConnectionArn"], "SecretArn": described["SecretArn"]}
    return Created(ref=name, attributes=attributes)


def _create_api_destination(request: CreateRequest) -> Created:
    name = request.name("Name")
    response = request.client("events").create_api_destination(
        Name=name, **request.pick("ConnectionArn", "Description", *ENDPOINT)
    )
    return Created(ref=name, attributes={"Arn": response["ApiDestinationArn"]})


TYPES = (
    ResourceType(
        name="AWS::Events::Connection",
        create=_create_connection,
        supported=frozenset({"AuthParameters", "AuthorizationType", "Description", "Name"}),
        not_enforced="only an OAuth server at a loopback address is called; other tokens name the client",
    ),
    ResourceType(
        name="AWS::Events::ApiDestination",
        create=_create_api_destination,
        supported=frozenset({"ConnectionArn", "Description", "Name", *ENDPOINT}),
        not_enforced="requests are kept, and sent only to a loopback address; the rate is not limited",
    ),
    ResourceType(
        name="AWS::Events::EventBus",
        create=_create_bus,
        supported=frozenset({"Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig"}),
        ignored={**TAGS, "LogConfig": "the journal records every event instead"},
    ),
    ResourceType(
        name="AWS::Events::EventBusPolicy",
        create=create_bus_policy,
        supported=frozenset({"EventBusName", "StatementId", "Statement"}),
    ),
    ResourceType(
        name="AWS::Events::Rule",
        create=create_rule,
        supported=frozenset(
            {
                "Name",
                "Description",
                "EventBusName",
                "EventPattern",
                "RoleArn",
                "ScheduleExpression",
                "State",
                "Targets",
            }
        ),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::Events::Archive",
        create=_create_archive,
        supported=frozenset(
            {"ArchiveName", "Description", "EventPattern", "KmsKeyIdentifier", "RetentionDays", "SourceArn"}
        ),
    ),
)
