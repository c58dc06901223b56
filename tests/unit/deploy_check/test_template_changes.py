"""Template changes remove a grant, make an update fail, and loosen gaps, and nothing else."""

from copy import deepcopy
from typing import Any

import pytest

from deploy_check.failure import CheckError
from deploy_check.iam_gaps import IAM_GAPS, loosening
from deploy_check.template_changes import Grant, failing_update, without_grant

WRITE = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "table/stock"}
PUBLISH = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["OrderBus8", "Arn"]}}
LEADING_KEYS = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["orders#*"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
WITH_LEADING_KEYS = {**WRITE, "Condition": LEADING_KEYS}
SEND_FROM_ANY = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
SEND = {
    **SEND_FROM_ANY,
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


def test_without_grant_removes_the_action_only() -> None:
    template = a_template(WRITE, PUBLISH)
    without_grant(Grant("relay", "dynamodb:PutItem", "table/stock"))(template)
    assert statements_of(template) == [{**WRITE, "Action": ["dynamodb:GetItem"]}, PUBLISH]


def test_without_grant_removes_an_empty_statement() -> None:
    template = a_template(WRITE, PUBLISH)
    without_grant(Grant("relay", "events:PutEvents", "OrderBus"))(template)
    assert statements_of(template) == [WRITE]


def test_without_grant_keeps_other_roles() -> None:
    template = a_template(PUBLISH)
    without_grant(Grant("relay", "events:PutEvents", "OrderBus"))(template)
    assert statements_of(template, "Other") == [WRITE, PUBLISH]


@pytest.mark.parametrize(
    "grant",
    [
        Grant("relay", "dynamodb:DeleteItem", "table/stock"),
        Grant("relay", "dynamodb:PutItem", "table/orders"),
        Grant("rely", "dynamodb:PutItem", "table/stock"),
    ],
)
def test_without_grant_rejects_a_missing_grant(grant: Grant) -> None:
    with pytest.raises(CheckError, match=r"has no grant|no function rely"):
        without_grant(grant)(a_template(WRITE))


def test_failing_update_changes_the_function_before_the_rule() -> None:
    template = a_template()
    failing_update(function="relay", memory=384)(template)
    resources = template["Resources"]
    assert resources["Function"]["Properties"]["MemorySize"] == 384
    assert resources["Rule"]["Properties"]["EventPattern"] == {"detail-type": "not a list"}
    assert resources["Rule"]["DependsOn"] == ["Function"]


def test_loosening_changes_statements_with_gaps_only() -> None:
    template = a_template(WITH_LEADING_KEYS, SEND, WRITE)
    change = loosening(template)
    assert change
    change(template)
    assert statements_of(template) == [WRITE, SEND_FROM_ANY, WRITE]


def test_loosening_keeps_other_conditions() -> None:
    both = {**WRITE, "Condition": {**LEADING_KEYS, "Bool": {"aws:SecureTransport": "true"}}}
    template = a_template(both)
    change = loosening(template)
    assert change
    change(template)
    assert statements_of(template) == [{**WRITE, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]


def test_loosening_is_none_for_a_template_without_gaps() -> None:
    assert loosening(a_template(WRITE, PUBLISH)) is None


@pytest.mark.parametrize("service", IAM_GAPS)
def test_gap_loosens_its_own_strict_statement(service: str) -> None:
    gap = IAM_GAPS[service]
    strict_statement = deepcopy(gap.strict_statement)
    assert gap.applies_to(strict_statement)
    gap.loosen(strict_statement)
    assert strict_statement == gap.loosened_statement
