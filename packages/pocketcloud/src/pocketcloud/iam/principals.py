"""Who asks, and whom the Principal element of a resource's policy names.

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
    """A role in an account, perhaps in a session of that name, or an AWS service."""

    name: str
    """As an access-denied message has it: the session's ARN, the role's, or the service's name."""
    account: str | None = None
    role: str | None = None
    service: str | None = None
    context: Mapping[str, Value] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """All ARNs by which a policy may name it, but not its account's."""
        return frozenset(name for name in (self.name, self.role) if name)


def role(arn: str, session: str | None = None) -> Principal:
    """A role, in a session of that name."""
    account, path = arn.split(":")[4], arn.rpartition("/")[2]
    name = f"arn:aws:sts::{account}:assumed-role/{path}/{session}" if session else arn
    context: dict[str, Value] = {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "aws:principaltype": "AssumedRole",
        "aws:principalisawsservice": "false",
        # Of SNS's default topic policy; in requests from within an account it is that account.
        "aws:sourceowner": account,
    }
    return Principal(name, account=account, role=arn, context=context)


def service(name: str) -> Principal:
    """An AWS service that acts in its own name."""
    context: dict[str, Value] = {
        "aws:principalisawsservice": "true",
        "aws:principalservicename": name,
        "aws:principalservicenameslist": (name,),
    }
    return Principal(name, service=name, context=context)


class Naming(Enum):
    """How a policy names a principal: not at all, as one of its account, or itself."""

    NOT = 0
    ACCOUNT = 1
    ITSELF = 2


@dataclass(frozen=True, slots=True)
class Principals:
    """The Principal or NotPrincipal element."""

    everyone: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    services: frozenset[str]
    excluded: bool = False
    """Whether it is NotPrincipal."""

    def naming(self, principal: Principal) -> Naming:
        """How it names the principal; by NotPrincipal, everybody whose every name is not listed."""
        if self.excluded:
            return Naming.NOT if self._lists_all_of(principal) else Naming.ITSELF
        if self.everyone or principal.names & self.arns or principal.service in self.services:
            return Naming.ITSELF
        return Naming.ACCOUNT if principal.account in self.accounts else Naming.NOT

    def _lists_all_of(self, principal: Principal) -> bool:
        if self.everyone:
            return True
        if principal.service:
            return principal.service in self.services
        return principal.account in self.accounts and principal.names <= self.arns


def read_principals(element: Any, *, excluded: bool) -> Principals:  # noqa: ANN401 - JSON: a text or an object
    """The element as a policy has it; kinds of principals that nobody here can be are refused by name."""
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
