"""Filter policies have the results that localstack's suite recorded on AWS (2024-05 to 2025-03).

https://github.com/localstack/localstack/blob/8b9a79f05846/tests/aws/services/sns/test_sns_filter_policy.py
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud.sns.filter_policies import BY_ATTRIBUTES, BY_BODY, passes

KEYS = ("a", "b", "c", "d", "e", "f")
REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"key": [["value"]]}, "Match value must be String, number, true, false, or null"),
    ({"key": [{"wrong-operator": True}]}, "Unrecognized match type wrong-operator"),
    ({"key": [{"suffix": "value", "prefix": "value2"}]}, "Only one key allowed in match expression"),
    ({"key": []}, "Empty arrays are not allowed"),
    ({"key": [{"suffix": 100}]}, "suffix match pattern must be a string"),
    ({"key": [{"suffix": None}]}, "suffix match pattern must be a string"),
    ({"key": [{"suffix": []}]}, "suffix match pattern must be a string"),
    ({"key": {"suffix": "value"}}, '"suffix" must be an object or an array'),
    ({"key": [{"cidr": ["bad-filter"]}]}, "prefix match pattern must be a string"),
    ({"key": [{"cidr": "bad-filter"}]}, "Malformed CIDR, one '/' required"),
    ({"key": [{"cidr": "bad-filter/64"}]}, "Nonstandard IP address: bad-filter"),
    ({"key": [{"cidr": "bad-/64filter"}]}, "Malformed CIDR, mask bits must be an integer"),
    ({"key": [{"cidr": "xx.11.xx/8"}]}, "Nonstandard IP address: xx.11.xx"),
    ({"key": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
    ({"key": [{"numeric": ["operator"]}]}, "Unrecognized numeric range operator: operator"),
    ({"key": [{"numeric": [1, "<="]}]}, "Invalid member in numeric match: 1"),
    ({"key": [{"numeric": ["=", "000"]}]}, "Value of equals must be numeric"),
    ({"key": [{"numeric": [">="]}]}, "Value of >= must be numeric"),
    ({"key": [{"numeric": ["<", 100, ">", 10]}]}, "Too many elements in numeric expression"),
    ({"key": [{"numeric": [">=", 1, ">", 2]}]}, "Bad numeric range operator: >"),
    ({"key": [{"numeric": [">", 3, "<", 1]}]}, "Bottom must be less than top"),
    ({"key": [{"numeric": [">", 20, "<="]}]}, "Value of <= must be numeric"),
    ({"key": [{"numeric": [">", 20, 30]}]}, "Bad value in numeric range: 30"),
    ({"key": [{"numeric": [">", 20, "<", 30, "<", 50]}]}, "Too many terms in numeric range expression"),
    ({"key": [{"exists": "no"}]}, "exists match pattern must be either true or false."),
    ({"key": [{"anything-but": {"wrong": None}}]}, "Unsupported anything-but pattern: wrong"),
    ({"key": [{"anything-but": {"suffix": "test"}}]}, "Unsupported anything-but pattern: suffix"),
    ({"key": [f"value{number}" for number in range(151)]}, "Filter policy is too complex"),
    ({"a": list(range(100)), "b": list(range(51))}, "Filter policy is too complex"),
    ({key: ["value"] for key in KEYS}, "Filter policy can not have more than 5 keys"),
]
OR_WITH_150: dict[str, Any] = {
    "source": [1, 2, 3],
    "$or": [
        {"name": [1, 2, 3, 4, 5, 6]},
        {"type": [1, 2, 3, 4], "$or": [{"id": [1, 2, 3, 4]}, {"space": [1, 2, 3, 4, 5, 6, 7]}]},
    ],
}
NESTED_WITH_216 = {
    "a": {"b": {"c": ["1", "2", "3", "4"]}},
    "d": {"e": ["1", "2", "3"]},
    "f": ["1", "2", "3"],
}
S3 = {"Records": {"s3": {"object": {"key": [{"prefix": "auto-"}]}}, "eventName": [{"prefix": "Created:"}]}}


@pytest.mark.parametrize(("policy", "reason"), REJECTED, ids=[str(n) for n, _ in enumerate(REJECTED)])
def test_subscribe_rejects_the_filter_policy(world: World, policy: dict[str, Any], reason: str) -> None:
    topic, queue = world.topic("t"), world.queue("q")
    with pytest.raises(ClientError) as error:
        world.subscribe(topic, queue, FilterPolicy=json.dumps(policy))
    expected = f"Invalid parameter: Attributes Reason: FilterPolicy: {reason}"
    assert error.value.response["Error"]["Code"] == "InvalidParameter"
    assert error.value.response["Error"]["Message"] == expected
    assert world.cloud.client("sns").list_subscriptions()["Subscriptions"] == []


def test_policy_with_150_combinations_is_accepted(world: World) -> None:
    world.subscribe(world.topic("t"), world.queue("q"), FilterPolicy=json.dumps(OR_WITH_150))


def set_attribute(world: World, arn: str, name: str, value: str) -> None:
    world.cloud.client("sns").set_subscription_attributes(
        SubscriptionArn=arn, AttributeName=name, AttributeValue=value
    )


def test_nested_policy_needs_the_message_body_scope(world: World) -> None:
    arn = world.subscribe(world.topic("t"), world.queue("q"))
    with pytest.raises(ClientError, match="MessageAttributes does not support nested filter policy"):
        set_attribute(world, arn, "FilterPolicy", json.dumps(S3))
    set_attribute(world, arn, "FilterPolicyScope", BY_BODY)
    set_attribute(world, arn, "FilterPolicy", json.dumps(S3))
    with pytest.raises(ClientError, match="Filter policy is too complex"):
        set_attribute(world, arn, "FilterPolicy", json.dumps(NESTED_WITH_216))
    with pytest.raises(ClientError, match="does not support nested"):
        set_attribute(world, arn, "FilterPolicyScope", BY_ATTRIBUTES)


def test_unknown_scope_is_rejected(world: World) -> None:
    arn = world.subscribe(world.topic("t"), world.queue("q"))
    with pytest.raises(ClientError, match=r"Invalid value \[Other\]"):
        set_attribute(world, arn, "FilterPolicyScope", "Other")


@pytest.mark.parametrize("empty", ["", "{}"])
def test_empty_policy_removes_the_filter(world: World, empty: str) -> None:
    topic = world.topic("t")
    arn = world.subscribe(topic, world.queue("q"), FilterPolicy='{"colour": ["red"]}')
    set_attribute(world, arn, "FilterPolicy", empty)
    world.cloud.client("sns").publish(TopicArn=topic, Message="1")
    world.cloud.settle()
    assert world.bodies("q") == ["1"]
    attributes = world.cloud.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert "FilterPolicy" not in attributes


BODIES: list[tuple[dict[str, Any], object, bool]] = [
    ({"o.n": ["v"]}, {"o": {"n": "v"}}, True),
    ({"o.n": ["v"]}, {"o.n": "v"}, True),
    ({"o.n.t": ["v"]}, {"o.n": {"t": "v"}}, True),
    ({"o.n.t": ["v"]}, {"o": {"n": {"t": "w"}}}, False),
    ({"h": {"to": ["q1"]}}, {"h": {"to": ["q1", "q2"]}}, True),
    (S3, {"Records": [{"eventName": "Created:Put", "s3": {"object": [[{"key": "auto-1"}]]}}]}, True),
    (S3, {"Records": [{"eventName": "Removed", "s3": {"object": {"key": "auto-1"}}}]}, False),
    ({"detail": {"version": [""]}}, {"resources": [], "detail": {"version": ""}}, True),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.0.256"}, False),
    ({"ip": [{"cidr": "2001:db8:1234:1a00::/64"}]}, {"ip": "2001:0db8:1234:1a00:0:0:0:0"}, True),
    ({"x": [{"exists": False}]}, {"y": 1}, True),
    ({"x": [{"exists": False}]}, "a text", False),
    ({"x": [{"exists": False}]}, [{"y": 1}], False),
]


@pytest.mark.parametrize(("policy", "body", "wanted"), BODIES, ids=[str(n) for n, _ in enumerate(BODIES)])
def test_policy_matches_the_message_body(policy: dict[str, Any], body: object, *, wanted: bool) -> None:
    assert passes(json.dumps(policy), BY_BODY, json.dumps(body), {}) is wanted


ATTRIBUTES = [
    ({"a": [{"numeric": [">", 0, "<=", 100]}]}, ("Number", "99"), True),
    ({"a": [{"numeric": [">", 0, "<=", 100]}]}, ("Number", "111"), False),
    ({"a": [99]}, ("Number", "99.0"), True),
    ({"a": [99]}, ("String", "99"), False),
    ({"a": ["v"]}, ("String.Array", '["u", "v"]'), True),
    ({"a": ["v"]}, ("String.Array", '["u"]'), False),
    ({"a": [None, {"anything-but": "x"}]}, ("Binary", b"y"), False),
    ({"a": [{"exists": False}]}, ("Binary", b"y"), True),
]


@pytest.mark.parametrize(("policy", "attribute", "wanted"), ATTRIBUTES)
def test_policy_matches_the_message_attributes(
    policy: dict[str, Any], attribute: tuple[str, Any], *, wanted: bool
) -> None:
    attributes = {"a": {"Type": attribute[0], "Value": attribute[1]}}
    assert passes(json.dumps(policy), BY_ATTRIBUTES, "{}", attributes) is wanted
