"""Filter policies of subscriptions: their limits, and whether a message passes.

https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

import json
from collections.abc import Mapping
from typing import Any

from pocketcloud.eventbridge.pattern_document import Members, read_pattern
from pocketcloud.eventbridge.patterns import SUBSCRIPTION, InvalidPatternError, compile_pattern

BY_ATTRIBUTES, BY_BODY = "MessageAttributes", "MessageBody"
MAXIMUM_KEYS = 5
MAXIMUM_COMBINATIONS = 150


def check_filter_policy(policy: str, scope: str) -> None:
    """Raise InvalidPatternError, with the reason that AWS gives, if SNS rejects the policy."""
    try:
        compile_pattern(policy, SUBSCRIPTION)
    except InvalidPatternError as error:
        raise InvalidPatternError(f"FilterPolicy: {error}") from error
    members = read_pattern(policy)
    if len(members) > MAXIMUM_KEYS:
        raise InvalidPatternError(f"FilterPolicy: Filter policy can not have more than {MAXIMUM_KEYS} keys")
    if scope == BY_ATTRIBUTES and _is_nested(members):
        raise InvalidPatternError(f"Filter policy scope {scope} does not support nested filter policy")
    if combinations(members) > MAXIMUM_COMBINATIONS:
        raise InvalidPatternError("FilterPolicy: Filter policy is too complex")


def check_scope(scope: str) -> None:
    """Raise InvalidPatternError unless the scope is one of the two."""
    if scope not in {BY_ATTRIBUTES, BY_BODY}:
        raise InvalidPatternError(
            f"FilterPolicyScope: Invalid value [{scope}]. Please use either {BY_BODY} or {BY_ATTRIBUTES}"
        )


def is_empty(policy: str | None) -> bool:
    """Return whether this value removes the filter policy."""
    return not policy or policy.strip() == "{}"


def combinations(members: Members, depth: int = 1) -> int:
    """Return the number of combinations: values times nesting depth, multiplied over the keys.

    The alternatives of `$or` are added.
    """
    total = 1
    for name, value in members:
        if name == "$or":
            total *= sum(combinations(each, depth) for each in value)
        elif isinstance(value, Members):
            total *= combinations(value, depth + 1)
        else:
            total *= len(value) * depth
    return total


def passes(policy: str, scope: str, message: str, attributes: Mapping[str, Any]) -> bool:
    """Return whether the message passes; only a JSON object passes a policy on the body."""
    matches = compile_pattern(policy, SUBSCRIPTION)
    if scope != BY_BODY:
        return matches(attribute_values(attributes))
    body = _json(message)
    return isinstance(body, dict) and matches(body)


def attribute_values(attributes: Mapping[str, Any]) -> dict[str, object]:
    """Return the values that policies compare with; SNS ignores binary attributes."""
    return {
        name: _value(attribute)
        for name, attribute in attributes.items()
        if not attribute["Type"].startswith("Binary")
    }


def _is_nested(members: Members) -> bool:
    alternatives = [each for name, value in members if name == "$or" for each in value]
    fields = [value for name, value in members if name != "$or"]
    return any(isinstance(value, Members) for value in fields) or any(map(_is_nested, alternatives))


def _value(attribute: Mapping[str, Any]) -> object:
    kind, value = attribute["Type"], str(attribute["Value"])
    return _json(value) if kind == "String.Array" or kind.startswith("Number") else value


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
