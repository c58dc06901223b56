"""No function may use a resource of another service."""

import json

import pytest

from pocketcloud import OfflineCloud
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import service
from tests.permissions.grants import roles
from tests.permissions.matrix import NAMES, allowed, cells
from tests.workflow.shop import PREFIX


def test_function_has_no_access_to_resources_of_others(deployed: OfflineCloud) -> None:
    assert len(list(cells(deployed))) > 4_000
    assert allowed(deployed) == []


@pytest.mark.parametrize(
    ("function", "action", "resource", "noticed"),
    [
        ("inventory", "dynamodb:*", "table/orderbus-dev-waiting", 10),
        ("shipping", "sqs:SendMessage", "orderbus-dev-payments", 1),
        ("payments", "events:PutEvents", "event-bus/orderbus-dev-ingress-bus", 1),
        ("views", "dynamodb:PutItem", "table/orderbus-dev-event-log", 13),
    ],
)
def test_check_fails_when_a_grant_names_a_foreign_resource(
    deployed: OfflineCloud, function: str, action: str, resource: str, noticed: int
) -> None:
    iam, role = deployed.client("iam"), roles(deployed)[f"{PREFIX}-{function}"]
    arn = deployed.access.location.arn(action.partition(":")[0], resource)
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": arn}],
    }
    iam.put_role_policy(RoleName=role, PolicyName="foreign", PolicyDocument=json.dumps(document))
    try:
        found = allowed(deployed)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="foreign")
    assert len(found) >= noticed
    assert all(line.startswith(f"{PREFIX}-{function} may ") and arn in line for line in found)


def test_only_the_relay_may_put_on_the_order_bus(
    deployed: OfflineCloud,
) -> None:
    access, bus = deployed.access, deployed.access.location.arn("events", f"event-bus/{NAMES.event_bus}")
    asked = AccessRequest("events:PutEvents", bus, {"events:source": ("payments",)})
    iam = deployed.client("iam")
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    for role in roles(deployed).values():
        iam.put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=document)
    try:
        may = {name for name in roles(deployed) if access.decide(access.function(name), asked).allowed}
    finally:
        for role in roles(deployed).values():
            iam.delete_role_policy(RoleName=role, PolicyName="everything")
    assert may == {NAMES.relay}


def test_order_bus_neither_denies_nor_admits_aws_services(
    deployed: OfflineCloud,
) -> None:
    access, bus = deployed.access, deployed.access.location.arn("events", f"event-bus/{NAMES.event_bus}")
    asked = AccessRequest("events:PutEvents", bus, {"events:source": ("payments",)})
    by_itself = access.decide(service("events.amazonaws.com"), asked)
    assert not by_itself.allowed
    assert by_itself.reason == "because no resource-based policy allows the events:PutEvents action"
    stranger = access.decide(access.function(f"{PREFIX}-payments"), asked)
    assert stranger.reason == "with an explicit deny in a resource-based policy"
