"""Changes and deletion of buses, their policies, rules and archives."""

import json

from pocketcloud.cloudformation.resources import events
from pocketcloud.cloudformation.resources.json_document import as_resource_policy, as_text
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _delete_bus(existing: Existing) -> None:
    existing.client("events").delete_event_bus(Name=existing.physical_id)


def _without_statement(existing: Existing) -> None:
    client, bus = existing.client("events"), existing.properties.get("EventBusName", "default")
    policy = json.loads(client.describe_event_bus(Name=bus).get("Policy", '{"Statement": []}'))
    identifier = existing.properties["StatementId"]
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != identifier]
    if policy["Statement"]:
        client.put_permission(EventBusName=bus, Policy=as_resource_policy(policy))
    else:
        client.remove_permission(EventBusName=bus, RemoveAllPermissions=True)


def _set_statement(existing: Existing, request: CreateRequest) -> Created:
    _without_statement(existing)
    return events.create_bus_policy(request)


def _bus_of(existing: Existing) -> dict[str, str]:
    bus = existing.properties.get("EventBusName")
    return {"EventBusName": bus} if bus else {}


def _update_rule(existing: Existing, request: CreateRequest) -> Created:
    """Put the rule again, without the targets that are gone."""
    kept = {target["Id"] for target in request.properties.get("Targets", [])}
    _remove_targets(existing, keep=kept)
    return events.create_rule(request)


def _remove_targets(existing: Existing, keep: set[str]) -> None:
    gone = [each["Id"] for each in existing.properties.get("Targets", []) if each["Id"] not in keep]
    if gone:
        existing.client("events").remove_targets(Rule=_rule(existing), Ids=gone, **_bus_of(existing))


def _delete_rule(existing: Existing) -> None:
    _remove_targets(existing, keep=set())
    existing.client("events").delete_rule(Name=_rule(existing), **_bus_of(existing))


def _rule(existing: Existing) -> str:
    return existing.physical_id.rpartition("|")[2]


def _update_archive(existing: Existing, request: CreateRequest) -> Created:
    pattern = request.properties.get("EventPattern")
    existing.client("events").update_archive(
        ArchiveName=existing.physical_id,
        Description=request.properties.get("Description", ""),
        RetentionDays=request.properties.get("RetentionDays", 0),
        **({"EventPattern": as_text(pattern)} if pattern else {}),
    )
    return existing.created


def _delete_archive(existing: Existing) -> None:
    existing.client("events").delete_archive(ArchiveName=existing.physical_id)


def _update_api_destination(existing: Existing, request: CreateRequest) -> Created:
    options = request.pick("ConnectionArn", "Description", *events.ENDPOINT)
    existing.client("events").update_api_destination(Name=existing.physical_id, **options)
    return existing.created


def _delete_api_destination(existing: Existing) -> None:
    existing.client("events").delete_api_destination(Name=existing.physical_id)


def _delete_connection(existing: Existing) -> None:
    existing.client("events").delete_connection(Name=existing.physical_id)


LIFECYCLES = {
    "AWS::Events::ApiDestination": Lifecycle(
        update=_update_api_destination,
        delete=_delete_api_destination,
        replaces=frozenset({"Name"}),
        custom_name="Name",
    ),
    "AWS::Events::Connection": Lifecycle(
        delete=_delete_connection,
        unsupported=frozenset({"AuthParameters", "AuthorizationType", "Description"}),
        custom_name="Name",
    ),
    "AWS::Events::EventBus": Lifecycle(
        delete=_delete_bus,
        unsupported=frozenset({"DeadLetterConfig", "Description", "KmsKeyIdentifier"}),
        custom_name="Name",
    ),
    "AWS::Events::EventBusPolicy": Lifecycle(
        update=_set_statement,
        delete=_without_statement,
        replaces=frozenset({"EventBusName", "StatementId"}),
    ),
    "AWS::Events::Rule": Lifecycle(
        update=_update_rule,
        delete=_delete_rule,
        replaces=frozenset({"EventBusName", "Name"}),
        custom_name="Name",
    ),
    "AWS::Events::Archive": Lifecycle(
        update=_update_archive,
        delete=_delete_archive,
        replaces=frozenset({"ArchiveName", "SourceArn"}),
        unsupported=frozenset({"KmsKeyIdentifier"}),
        custom_name="ArchiveName",
    ),
}
