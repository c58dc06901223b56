"""What the check does to templates: one grant goes, one update fails, two gaps close, and no more."""

from copy import deepcopy
from typing import Any

import pytest

from deploy_check.changes import Grant, failing, without
from deploy_check.failure import CheckError
from deploy_check.gaps import GAPS, loosening

WRITE = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "table/stock"}
PUBLISH = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["OrderBus8", "Arn"]}}
OWN_KEYS = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["orders#*"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
BOUND = {**WRITE, "Condition": OWN_KEYS}
SEND_AS_ANYBODY = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
SEND = {
    **SEND_AS_ANYBODY,
    "Resource": "identity/*",
    "Condition": {"StringEquals": {"ses:FromAddress": "us@example.com"}},
}


def a_template(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "relay",
                    "MemorySize": 256,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            },
            "Policy": policy("Role", *statements),
            "Other": policy("OtherRole", WRITE, PUBLISH),
            "Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["orders"]}}},
        }
    }


def policy(role: str, *statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Statement": [deepcopy(statement) for statement in statements]}
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": [{"Ref": role}]}}


def statements_of(template: dict[str, Any], name: str = "Policy") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = template["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_the_action_goes_and_its_neighbours_stay() -> None:
    template = a_template(WRITE, PUBLISH)
    without(Grant("relay", "dynamodb:PutItem", "table/stock"))(template)
    assert statements_of(template) == [{**WRITE, "Action": ["dynamodb:GetItem"]}, PUBLISH]


def test_a_statement_without_an_action_left_goes_too() -> None:
    template = a_template(WRITE, PUBLISH)
    without(Grant("relay", "events:PutEvents", "OrderBus"))(template)
    assert statements_of(template) == [WRITE]


def test_another_role_s_grant_stays() -> None:
    template = a_template(PUBLISH)
    without(Grant("relay", "events:PutEvents", "OrderBus"))(template)
    assert statements_of(template, "Other") == [WRITE, PUBLISH]


@pytest.mark.parametrize(
    "grant",
    [
        Grant("relay", "dynamodb:DeleteItem", "table/stock"),
        Grant("relay", "dynamodb:PutItem", "table/orders"),
        Grant("rely", "dynamodb:PutItem", "table/stock"),
    ],
)
def test_a_grant_that_is_not_held_cannot_be_taken(grant: Grant) -> None:
    with pytest.raises(CheckError, match=r"holds no|no function rely"):
        without(grant)(a_template(WRITE))


def test_the_failing_update_changes_the_function_first_and_the_rule_after_it() -> None:
    template = a_template()
    failing(function="relay", memory=384)(template)
    resources = template["Resources"]
    assert resources["Function"]["Properties"]["MemorySize"] == 384
    assert resources["Rule"]["Properties"]["EventPattern"] == {"detail-type": "not a list"}
    assert resources["Rule"]["DependsOn"] == ["Function"]


def test_the_gaps_close_and_what_is_no_gap_stays_strict() -> None:
    template = a_template(BOUND, SEND, WRITE)
    change = loosening(template)
    assert change
    change(template)
    assert statements_of(template) == [WRITE, SEND_AS_ANYBODY, WRITE]


def test_another_condition_of_a_loosened_statement_stays() -> None:
    both = {**WRITE, "Condition": {**OWN_KEYS, "Bool": {"aws:SecureTransport": "true"}}}
    template = a_template(both)
    change = loosening(template)
    assert change
    change(template)
    assert statements_of(template) == [{**WRITE, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]


def test_a_template_without_gaps_is_left_alone() -> None:
    assert loosening(a_template(WRITE, PUBLISH)) is None


@pytest.mark.parametrize("service", GAPS)
def test_what_is_asked_of_the_endpoint_is_what_is_loosened(service: str) -> None:
    gap = GAPS[service]
    strict = deepcopy(gap.strict)
    assert gap.concerns(strict)
    gap.loosen(strict)
    assert strict == gap.loose
