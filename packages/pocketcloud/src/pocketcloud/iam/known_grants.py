"""Grants that decided earlier requests, kept for equal ones."""

from dataclasses import dataclass

from pocketcloud.iam.audit import GrantUse
from pocketcloud.iam.evaluation import ApplicablePolicies


@dataclass(slots=True)
class KnownGrant:
    """A grant, with the number of its uses that are not yet in `AccessControl.uses`."""

    use: GrantUse
    count: int = 0


@dataclass(slots=True)
class KnownPolicies:
    """The policies for one principal, action and resource, with the grants used by place."""

    policies: ApplicablePolicies
    grants: dict[str, KnownGrant]
    constant: KnownGrant | None = None
    """The grant that allows the action in any context."""
