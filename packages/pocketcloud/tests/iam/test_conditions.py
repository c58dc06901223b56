"""Condition operators compare as AWS documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from typing import Any

import pytest
from iam_questions import allow, ask, document, holds

from pocketcloud.iam.account_policies import check_resource_policy
from pocketcloud.iam.operators import operator_named
from pocketcloud.iam.policy import read_policy
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnsupportedPolicyError

RULE = "arn:aws:events:eu-west-1:111122223333:rule/bus/name"
CASES: list[tuple[str, Any, Value, bool]] = [
    ("StringEquals", "johndoe", "johndoe", True),
    ("StringEquals", "johndoe", "JohnDoe", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", "JohnDoe", "johndoe", True),
    ("StringNotEqualsIgnoreCase", "JohnDoe", "johndoe", False),
    ("StringLike", "home/*", "home/x/y", True),
    ("StringLike", "home/?", "home/xy", False),
    ("StringNotLike", "home/*", "away", True),
    ("ArnEquals", RULE, RULE, True),
    ("ArnEquals", "arn:aws:events:*:*:rule/bus/*", RULE, True),
    ("ArnLike", "arn:aws:events:*:rule/bus/name", RULE, False),
    ("ArnNotEquals", RULE, RULE, False),
    ("ArnNotLike", "arn:aws:sns:*:*:*", RULE, True),
    ("Bool", "true", "true", True),
    ("Bool", True, "true", True),
    ("Bool", "false", "true", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", 10, "11", True),
    ("NumericLessThan", "10", "9.5", True),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThanEquals", "10", "many", False),
    ("DateEquals", "2020-01-01T00:00:00Z", "1577836800", True),
    ("DateNotEquals", "2020-01-01T00:00:00Z", "1577836800", False),
    ("DateLessThan", "2020-01-02", "2020-01-01T23:00:00+00:00", True),
    ("DateLessThanEquals", "2020-01-02T00:00:00Z", "2020-01-02T00:00:00Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:00Z", False),
    ("DateGreaterThanEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", True),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
    ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
    ("IpAddress", "2001:DB8:1234:5678::/64", "203.0.113.77", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("IpAddress", "203.0.113.0/24", "somewhere", False),
    ("NotIpAddress", "203.0.113.0/24", "somewhere", False),
    ("IpAddress", "123456789012", "203.0.113.1", False),
    ("NumericNotEquals", "10", "many", False),
    ("DateEquals", "2024-01-01", "1704067200000", True),
    ("DateEquals", "2024-01-01", "some day", False),
    ("DateNotEquals", "some day", "2024-01-01", False),
    ("DateLessThan", "2024-01-01", "1e400", False),
    ("ArnLike", "arn:aws:sns:*:*:*", "no-arn", False),
    ("ArnNotLike", "arn:aws:sns:*:*:*", "no-arn", False),
    ("StringNotEquals", "${aws:nobody}", "x", False),
    ("Null", "perhaps", "x", False),
]


@pytest.mark.parametrize(("operator", "named", "value", "expected"), CASES)
def test_operator_compares_as_documented(operator: str, named: Any, value: Value, *, expected: bool) -> None:
    assert holds(operator, named, value) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("ArnLike", False),
        ("Bool", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("NotIpAddress", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_missing_key_matches_nothing(operator: str, *, expected: bool) -> None:
    assert holds(operator, "203.0.113.0/24", None) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "x"), False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAnyValue:StringEquals", ("x", "b"), True),
        ("ForAnyValue:StringEquals", ("x", "y"), False),
        ("ForAnyValue:StringEquals", (), False),
        ("ForAllValues:StringNotEquals", ("x", "y"), True),
        ("ForAllValues:StringNotEquals", ("x", "a"), False),
        ("ForAnyValue:StringNotEquals", ("a", "x"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("ForAllValues:StringLike", ("a",), True),
    ],
)
def test_set_operator_evaluates_every_value(operator: str, value: tuple[str, ...], *, expected: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
    assert holds(operator, ["a", "b"], value) is expected


@pytest.mark.parametrize(("value", "exists"), [(("a",), True), ((), False), (None, False), ("a", True)])
def test_null_checks_whether_the_key_has_a_value(value: Value | None, *, exists: bool) -> None:
    assert holds("Null", "false", value) is exists
    assert holds("Null", "true", value) is not exists


def test_for_all_values_allows_an_empty_set_without_null() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html"""
    open_to_all = allow(Condition={"ForAllValues:StringEquals": {"events:source": "storefront"}})
    closed = allow(Condition={**open_to_all["Condition"], "Null": {"events:source": "false"}})
    nothing: dict[str, Value] = {"events:source": ()}
    assert ask(identity=(open_to_all,), context=nothing).allowed
    assert not ask(identity=(closed,), context=nothing).allowed
    assert ask(identity=(closed,), context={"events:source": ("storefront",)}).allowed


def test_several_values_need_a_set_operator() -> None:
    with pytest.raises(
        UnsupportedPolicyError, match="events:source can have several values: use StringEquals with"
    ):
        holds("StringEquals", "a", ("a", "b"), key="events:source")


def test_all_keys_and_operators_must_match() -> None:
    both = allow(Condition={"StringEquals": {"aws:a": ["1", "2"], "aws:b": "3"}, "Bool": {"aws:c": "true"}})
    right: dict[str, Value] = {"aws:a": "2", "aws:b": "3", "aws:c": "true"}
    assert ask(identity=(both,), context=right).allowed
    for key in right:
        assert not ask(identity=(both,), context={**right, key: "other"}).allowed


def test_keys_are_case_insensitive() -> None:
    upper = allow(Condition={"ArnLike": {"AWS:SourceArn": RULE}})
    assert ask(identity=(upper,), context={"aws:sourcearn": RULE}).allowed


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow(Condition={"StringIs": {"aws:a": "b"}}), "operator StringIs is not evaluated"),
        (allow(Condition={"ForSome:StringEquals": {"a:b": "c"}}), "ForSome:StringEquals is not evaluated"),
        (allow(Principal={"Federated": "login.example.com"}), "kind Federated are not evaluated"),
        ({"Effect": "Maybe", "Action": "*"}, "Effect must be Allow or Deny"),
        (allow(Colour="x"), "Colour is not evaluated"),
        (
            {"Effect": "Allow", "NotPrincipal": "*", "Action": "*", "Resource": "*"},
            "not support NotPrincipal with Allow",
        ),
    ],
)
def test_unsupported_element_is_rejected_with_name_and_place(statement: dict[str, Any], words: str) -> None:
    with pytest.raises(UnsupportedPolicyError, match=rf"^role/policy\[0\]: .*{words}"):
        read_policy(document(statement), "role/policy")


def test_unknown_operator_is_rejected() -> None:
    with pytest.raises(UnsupportedPolicyError, match="StringSounds"):
        operator_named("StringSounds")


def test_variables_need_the_newer_policy_version() -> None:
    literal = {"Version": "2008-10-17", "Statement": [allow(Resource="arn:aws:s3:::b/${aws:username}")]}
    (statement,) = read_policy(literal, "old")
    assert statement.matches_resource("arn:aws:s3:::b/${aws:username}", {})


def test_resource_policy_is_rejected_without_a_principal() -> None:
    with pytest.raises(UnsupportedPolicyError, match="a resource-based policy needs a Principal"):
        check_resource_policy(document(allow()), "topic")
