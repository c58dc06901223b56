"""`dynamodb:LeadingKeys` in a transaction: AWS does not document whose keys it holds, so both count."""

from typing import Any

from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.iam.dynamodb_actions import DynamoDbActions

ACTIONS = DynamoDbActions(AccountRegion("123456789012", "eu-west-1"), lambda _table, _index: "pk")


def a_put(table: str, key: str) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": {"pk": {"S": key}, "note": {"S": "x"}}}}


def a_check(table: str, key: str) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": table, "Key": {"pk": {"S": key}}, "ConditionExpression": "x"}}


def asked(*items: dict[str, Any]) -> list[tuple[str, str, Any]]:
    requests = ACTIONS.of("TransactWriteItems", {"TransactItems": items})
    return [
        (each.action.removeprefix("dynamodb:"), each.resource[-3:], each.context["dynamodb:leadingkeys"])
        for each in requests
    ]


def test_items_of_one_table_are_checked_together() -> None:
    both = ("orders#1", "shipping#1")
    assert asked(a_put("log", "orders#1"), a_check("log", "shipping#1")) == [
        ("PutItem", "log", ("orders#1",)),
        ("PutItem", "log", both),
        ("ConditionCheckItem", "log", ("shipping#1",)),
        ("ConditionCheckItem", "log", both),
    ]


def test_items_of_different_tables_are_asked_for_alone() -> None:
    assert asked(a_put("log", "orders#1"), a_put("own", "1")) == [
        ("PutItem", "log", ("orders#1",)),
        ("PutItem", "own", ("1",)),
    ]
