"""Principals, and the Principal element of a resource-based policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pocketcloud.iam.conditions import values_of
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_ACCOUNT = re.compile(r"(arn:aws[\w-]*:iam::)?(?P<id>\d{12})(:root)?")


@dataclass(frozen=True, slots=True)
class Principal:
    """A role, a session of a role, an IAM user, or an AWS service."""

    name: str
    """The name in access-denied messages: ARN of the session, role or user, or name of the service."""
    account: str | None = None
    role: str | None = None
    service: str | None = None
    user: str | None = None
    context: Mapping[str, Value] = field(default_factory=dict, compare=False)

    @property
    def identity(self) -> str | None:
        """ARN of the role or user whose identity-based policies apply; None for a service."""
        return self.role or self.user

    @property
    def names(self) -> frozenset[str]:
        """All ARNs by which a policy can name the principal, except its account's."""
        return frozenset(name for name in (self.name, self.role) if name)


def role(arn: str, session: str | None = None) -> Principal:
    """Return a role, or a session of it."""
    account, path = arn.split(":")[4], arn.rpartition("/")[2]
    name = f"arn:aws:sts::{account}:assumed-role/{path}/{session}" if session else arn
    context: dict[str, Value] = {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "aws:principaltype": "AssumedRole",
        "aws:principalisawsservice": "false",
        # SNS's default topic policy uses this key; within an account it is that account.
        "aws:sourceowner": account,
    }
    return Principal(name, account=account, role=arn, context=context)


def user(arn: str) -> Principal:
    """Return an IAM user."""
    account = arn.split(":")[4]
    context: dict[str, Value] = {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "aws:principaltype": "User",
        "aws:principalisawsservice": "false",
        "aws:sourceowner": account,
    }
    return Principal(arn, account=account, user=arn, context=context)


def service(name: str) -> Principal:
    """Return an AWS service that acts in its own name."""
    context: dict[str, Value] = {
        "aws:principalisawsservice": "true",
        "aws:principalservicename": name,
        "aws:principalservicenameslist": (name,),
    }
    return Principal(name, service=name, context=context)


ANONYMOUS = Principal("anonymous", context={"aws:principaltype": "Anonymous"})
"""A caller without credentials; only a resource-based policy can allow it."""


class PrincipalMatch(Enum):
    """The match of a principal in a policy: none, by its account, or exact."""

    NONE = 0
    ACCOUNT = 1
    EXACT = 2


@dataclass(frozen=True, slots=True)
class Principals:
    """The Principal or NotPrincipal element."""

    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    services: frozenset[str]
    excluded: bool = False
    """Whether the element is NotPrincipal."""

    def match_principal(self, principal: Principal) -> PrincipalMatch:
        """Return the match; NotPrincipal excludes a principal only if all its names are listed."""
        if self.excluded:
            return PrincipalMatch.NONE if self._lists_all_of(principal) else PrincipalMatch.EXACT
        if self.everyone or principal.names & self.arns or principal.service in self.services:
            return PrincipalMatch.EXACT
        return PrincipalMatch.ACCOUNT if principal.account in self.accounts else PrincipalMatch.NONE

    def _lists_all_of(self, principal: Principal) -> bool:
        if self.everyone:
            return True
        if principal.service:
            return principal.service in self.services
        if not principal.identity:
            return False
        return principal.account in self.accounts and principal.names <= self.arns


def read_principals(element: Any, *, excluded: bool) -> Principals:
    """Read a Principal element; reject kinds of principals that are not supported."""
    if isinstance(element, str):
        return read_principals({"AWS": element}, excluded=excluded)
    if unknown := element.keys() - {"AWS", "Service"}:
        raise UnsupportedPolicyError(f"principals of the kind {', '.join(sorted(unknown))} are not evaluated")
    named = values_of(element.get("AWS", []))
    accounts = {name: match["id"] for name in named if (match := _ACCOUNT.fullmatch(name))}
    return Principals(
        everyone="*" in named,
        accounts=frozenset(accounts.values()),
        arns=frozenset(named) - accounts.keys() - {"*"},
        services=frozenset(values_of(element.get("Service", []))),
        excluded=excluded,
    )
