"""Properties of the evaluation of any set of policies."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from iam_questions import ACCOUNT, ask

from pocketcloud.iam.principals import service
from pocketcloud.iam.text import Value

ACTIONS = ["sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish"]
RESOURCES = [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}" for name in ("jobs", "mail")]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:a": "1"}},
    {"StringNotEquals": {"aws:a": "1"}},
    {"ForAllValues:StringEquals": {"events:source": ["x", "y"]}},
    {"ForAnyValue:StringNotEquals": {"events:source": "x"}},
    {"Null": {"aws:a": "true"}},
    {"Bool": {"aws:securetransport": "false"}},
]
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "aws:a": st.sampled_from(["1", "2"]),
        "events:source": st.lists(st.sampled_from("xyz"), max_size=2).map(tuple),
        "aws:securetransport": st.sampled_from(["true", "false"]),
    },
)


def statements(effects: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(effects),
            "Action": st.sampled_from([*ACTIONS, "sqs:*", "*"]),
            "Resource": st.sampled_from([*RESOURCES, "*", "arn:aws:sqs:*:*:j*"]),
            "Condition": st.sampled_from(CONDITIONS),
        }
    )


EITHER = ["Allow", "Deny"]
POLICY = st.lists(statements(EITHER), max_size=5)


def verdict(policy: list[dict[str, Any]], context: dict[str, Value], *, of_resource: bool) -> list[bool]:
    """Evaluate the policy for every action and resource, as an identity or a resource policy."""
    if not of_resource:
        return [
            ask(action, resource, identity=tuple(policy), context=context).allowed
            for action in ACTIONS
            for resource in RESOURCES
        ]
    named = tuple({**each, "Principal": {"Service": "events.amazonaws.com"}} for each in policy)
    events = service("events.amazonaws.com")
    return [
        ask(action, resource, principal=events, by_resource=named, context=context).allowed
        for action in ACTIONS
        for resource in RESOURCES
    ]


@given(POLICY, statements(["Deny"]), CONTEXTS, st.booleans())
def test_additional_deny_never_allows_more(
    policy: list[dict[str, Any]],
    more: dict[str, Any],
    context: dict[str, Value],
    of_resource: bool,  # noqa: FBT001 - drawn
) -> None:
    before = verdict(policy, context, of_resource=of_resource)
    after = verdict([*policy, more], context, of_resource=of_resource)
    assert all(was or not now for was, now in zip(before, after, strict=True))


@given(POLICY, statements(["Allow"]), CONTEXTS, st.booleans())
def test_additional_allow_never_allows_less(
    policy: list[dict[str, Any]],
    more: dict[str, Any],
    context: dict[str, Value],
    of_resource: bool,  # noqa: FBT001 - drawn
) -> None:
    before = verdict(policy, context, of_resource=of_resource)
    after = verdict([*policy, more], context, of_resource=of_resource)
    assert all(now or not was for was, now in zip(before, after, strict=True))


@given(POLICY.flatmap(lambda policy: st.tuples(st.just(policy), st.permutations(policy))), CONTEXTS)
def test_order_of_statements_does_not_matter(
    policies: tuple[list[dict[str, Any]], list[dict[str, Any]]], context: dict[str, Value]
) -> None:
    written, shuffled = policies
    assert verdict(written, context, of_resource=False) == verdict(shuffled, context, of_resource=False)


@given(st.lists(statements(["Deny"]), max_size=5), CONTEXTS)
def test_nothing_is_allowed_without_an_allow(policy: list[dict[str, Any]], context: dict[str, Value]) -> None:
    assert not any(verdict(policy, context, of_resource=False))


@given(POLICY, CONTEXTS)
def test_equal_boundary_changes_nothing(policy: list[dict[str, Any]], context: dict[str, Value]) -> None:
    own = tuple(policy)
    for action in ACTIONS:
        bounded = ask(action, RESOURCES[0], identity=own, boundary=own, context=context)
        assert bounded.allowed == ask(action, RESOURCES[0], identity=own, context=context).allowed
