"""Evaluate a bus policy on PutEvents, for the operators in use; another operator is a KeyError.

By IAM's evaluation logic:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HOME = "123456789012"
"""The account of the bus."""
OPERATORS: Mapping[str, Callable[[Sequence[str], Sequence[str]], bool]] = {
    "ForAllValues:StringEquals": lambda asked, named: all(value in named for value in asked),
    "ForAnyValue:StringNotEquals": lambda asked, named: any(value not in named for value in asked),
    "StringEquals": lambda asked, named: any(value in named for value in asked),
    "Null": lambda asked, named: [str(not asked).lower()] == list(named),
}


@dataclass(frozen=True, slots=True)
class PutEvents:
    """One request: its account, the sources of its entries, and whether its own policies allow it."""

    account: str
    sources: tuple[str, ...]
    identity_allows: bool = True

    def context(self, key: str) -> Sequence[str]:
        return {"events:source": self.sources, "aws:PrincipalAccount": (self.account,)}[key]


def is_allowed(statements: Sequence[Mapping[str, Any]], request: PutEvents) -> bool:
    """Whether the whole policy and the caller's own allow the request."""
    effects = {line["Effect"] for line in statements if _applies(line, request)}
    if "Deny" in effects:
        return False
    if request.account == HOME:
        return request.identity_allows or "Allow" in effects
    return request.identity_allows and "Allow" in effects


def _applies(line: Mapping[str, Any], request: PutEvents) -> bool:
    assert line["Action"] == "events:PutEvents"
    principal = line["Principal"]["AWS"]
    if principal not in {"*", f"arn:aws:iam::{request.account}:root"}:
        return False
    return all(
        OPERATORS[operator](request.context(key), [named] if isinstance(named, str) else named)
        for operator, keys in line["Condition"].items()
        for key, named in keys.items()
    )
