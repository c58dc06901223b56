"""A function that lacks a grant fails as in an account, and the offline cloud says which one it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pocketcloud import OfflineCloud
from tests.permissions.grants import grants, roles
from tests.workflow.shop import PREFIX, Shop, an_order


@contextmanager
def lacking(shop: Shop, function: str, action: str) -> Iterator[None]:
    """The function's role goes without the statements that allow the action."""
    iam, role = shop.cloud.client("iam"), roles(shop.cloud)[f"{PREFIX}-{function}"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    fewer = [each for each in document["Statement"] if action not in each["Action"]]
    assert len(fewer) < len(document["Statement"])
    iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": fewer})
    )
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def test_matrix_fails_when_a_grant_is_missing(shop: Shop) -> None:
    with lacking(shop, "inventory", "dynamodb:UpdateItem"):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert shop.facts(order_id) == ["OrderCreated"]
    assert {(denial.action, denial.resource.rpartition("/")[2]) for denial in shop.cloud.access.denials} == {
        ("dynamodb:UpdateItem", f"{PREFIX}-stock")
    }
    (message,) = shop.dead_letters("inventory")
    assert message["MessageAttributes"]["reason"]["StringValue"] == "reaction_failed"


def test_api_function_errs_when_a_grant_is_missing(shop: Shop) -> None:
    with lacking(shop, "views-api", "dynamodb:Query"):
        for _ in range(4):
            assert shop.cloud.http("GET", "/orders").status == 500
            shop.cloud.advance(minutes=1)
        assert shop.cloud.alarms.in_alarm == [f"{PREFIX}-api-failing", f"{PREFIX}-views-api-errors"]
    assert shop.cloud.http("GET", "/orders").status == 200


def test_grants_are_numerous_enough_to_check(deployed: OfflineCloud) -> None:
    assert len(grants(deployed)) > 100
