"""Read a policy document strictly: reject every element that is not evaluated.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.iam.conditions import Condition, read_conditions, values_of
from pocketcloud.iam.principals import Principal, PrincipalMatch, Principals, read_principals
from pocketcloud.iam.text import Context, Text, TextPattern
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_ELEMENTS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
}
_NOTHING: TextPattern = re.compile(r"(?!)").fullmatch
_WILDCARDS = frozenset("*?")
_WITHOUT_TYPES = frozenset({"execute-api", "s3", "sns", "sqs"})
"""Services whose resource ARNs do not begin with a resource type."""
_VARIABLES_SINCE = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Resources:
    """The Resource or NotResource element."""

    texts: tuple[Text, ...]
    patterns: tuple[TextPattern, ...]
    """Patterns of the texts without variables."""
    excluded: bool

    @property
    def has_variables(self) -> bool:
        """Whether the element contains variables."""
        return len(self.patterns) < len(self.texts)

    def match(self, resource: str, context: Context) -> bool:
        """Return whether the element matches the resource."""
        varying = [text.arn(context) for text in self.texts if text.has_variables]
        if self.excluded and None in varying:
            return False  # a variable without value matches nothing, not even by exclusion
        patterns = (*self.patterns, *(pattern for pattern in varying if pattern))
        return any(pattern(resource) for pattern in patterns) is not self.excluded


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with its place in the policies."""

    place: str
    allows: bool
    principals: Principals | None
    """The principals; None in an identity-based policy."""
    actions: tuple[str, ...]
    action_patterns: tuple[TextPattern, ...]
    not_actions: bool
    resources: Resources | None
    """The resources; None in a role's trust policy."""
    conditions: tuple[Condition, ...]

    def matches_action(self, action: str) -> bool:
        """Return whether the statement matches the action, ignoring case."""
        lower = action.lower()
        found = any(pattern(lower) for pattern in self.action_patterns)
        return found is not self.not_actions

    def matches_resource(self, resource: str, context: Context) -> bool:
        """Return whether the statement matches the resource."""
        return self.resources is None or self.resources.match(resource, context)

    def match_principal(self, principal: Principal) -> PrincipalMatch:
        """Return how the statement matches the principal; identity-based policies match exactly."""
        return PrincipalMatch.EXACT if self.principals is None else self.principals.match_principal(principal)

    def holds(self, context: Context) -> bool:
        """Return whether all conditions are met."""
        return all(condition.holds(context) for condition in self.conditions)


def read_policy(document: str | Mapping[str, Any], place: str) -> tuple[Statement, ...]:
    """Return the document's statements; `place` names the document."""
    read: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    statements = read.get("Statement", [])
    variables = read.get("Version") == _VARIABLES_SINCE
    return tuple(
        _statement(each, f"{place}[{each.get('Sid') or number}]", variables=variables)
        for number, each in enumerate(statements if isinstance(statements, list) else [statements])
    )


def _statement(each: Mapping[str, Any], place: str, *, variables: bool) -> Statement:
    if unknown := each.keys() - _ELEMENTS:
        raise UnsupportedPolicyError(f"{place}: {', '.join(sorted(unknown))} is not evaluated")
    if each.get("Effect") not in {"Allow", "Deny"}:
        raise UnsupportedPolicyError(f"{place}: Effect must be Allow or Deny, not {each.get('Effect')}")
    if each["Effect"] == "Allow" and "NotPrincipal" in each:
        raise UnsupportedPolicyError(f"{place}: AWS does not support NotPrincipal with Allow")
    try:
        conditions = read_conditions(each.get("Condition", {}), variables=variables)
        principals = _principals(each)
    except UnsupportedPolicyError as error:
        raise UnsupportedPolicyError(f"{place}: {error}") from None
    actions = values_of(each["Action"] if "Action" in each else each["NotAction"])
    return Statement(
        place=place,
        allows=each["Effect"] == "Allow",
        principals=principals,
        actions=actions,
        action_patterns=tuple(_action_pattern(action) for action in actions),
        not_actions="NotAction" in each,
        resources=_resources(each, variables=variables),
        conditions=conditions,
    )


def _principals(each: Mapping[str, Any]) -> Principals | None:
    for element in ("Principal", "NotPrincipal"):
        if element in each:
            return read_principals(each[element], excluded=element == "NotPrincipal")
    return None


def _action_pattern(action: str) -> TextPattern:
    """Return the pattern of an action; a wildcard as the service matches nothing."""
    service, colon, _ = action.partition(":")
    if action != "*" and (not colon or set(service) & _WILDCARDS):
        return _NOTHING
    return Text((action.lower(),)).glob({}) or _NOTHING


def _resources(each: Mapping[str, Any], *, variables: bool) -> Resources | None:
    for element in ("Resource", "NotResource"):
        if element in each:
            texts = tuple(
                Text.read(_complete(arn), variables=variables)
                for arn in values_of(each[element])
                if not _has_wildcard_type(arn)
            )
            constant = (text.arn({}) for text in texts if not text.has_variables)
            return Resources(texts, tuple(filter(None, constant)), excluded=element == "NotResource")
    return None


def _complete(arn: str) -> str:
    """Complete an ARN of fewer than six parts with wildcards, as AWS does."""
    return arn if arn.endswith("*") or arn.count(":") >= 5 else f"{arn}:*"  # noqa: PLR2004 - an ARN's colons


def _has_wildcard_type(arn: str) -> bool:
    """Return whether a wildcard stands for the resource type; such an ARN matches nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    service, resource = (arn.split(":", 5)[2:] + [""] * 4)[:4:3]
    kind, separator, _ = re.sub(r"\$\{[^}]*\}", "", resource).replace(":", "/").partition("/")
    return bool(separator and set(kind) & _WILDCARDS) and service not in _WITHOUT_TYPES
