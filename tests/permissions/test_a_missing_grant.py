"""A function that lacks a grant fails as in an account, and the offline cloud says which one it is."""

import json

from offline import OfflineCloud
from tests.permissions.grants import grants, roles
from tests.workflow.shop import PREFIX, Shop, an_order


def test_a_grant_too_few_is_noticed(shop: Shop) -> None:
    iam, role = shop.cloud.client("iam"), roles(shop.cloud)[f"{PREFIX}-inventory"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    fewer = [each for each in document["Statement"] if "dynamodb:UpdateItem" not in each["Action"]]
    assert len(fewer) < len(document["Statement"])
    iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": fewer})
    )
    try:
        order_id = shop.place(an_order())
        shop.cloud.settle()
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    assert shop.facts(order_id) == ["OrderCreated"]
    assert {(denial.action, denial.resource.rpartition("/")[2]) for denial in shop.cloud.access.denials} == {
        ("dynamodb:UpdateItem", f"{PREFIX}-stock")
    }
    (letter,) = shop.dead_letters("inventory")
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "reaction_failed"


def test_the_grants_are_many_enough_to_be_worth_it(deployed: OfflineCloud) -> None:
    assert len(grants(deployed)) > 100
