"""AWS's evaluation logic: Deny wins; within an account one Allow suffices, across accounts two are needed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pocketcloud.iam.policy import Statement
from pocketcloud.iam.principals import Principal, PrincipalMatch
from pocketcloud.iam.text import Context

_TRUSTED = frozenset({"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})
_ALWAYS_ALLOWED = "sts:GetCallerIdentity"
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that affect a principal's access to a resource."""

    identity: tuple[Statement, ...] = ()
    resource: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None
    """The permissions boundary, if the role has one."""
    owner: str = ""
    """The account that owns the resource."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The result, AWS's reason for a denial, and the statement that decided."""

    allowed: bool
    reason: str = ""
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class ApplicablePolicies:
    """The statements that match a principal, an action and a resource; only the context is open.

    If no statement depends on the context, the decision is computed once.
    """

    action: str
    denies: tuple[tuple[str, Statement], ...]
    identity: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None
    by_resource: tuple[tuple[PrincipalMatch, Statement], ...]
    principal: Principal
    within_account: bool
    resource: str
    constant: Decision | None = field(default=None)

    def decide(self, context: Context) -> Decision:
        """Evaluate a request with this context."""
        if self.action == _ALWAYS_ALLOWED:
            return Decision(allowed=True)
        return self.constant or self._decide(context)

    def _decide(self, context: Context) -> Decision:
        for kind, statement in self.denies:
            if self._applies(statement, context):
                return Decision(False, f"with an explicit deny in {kind}", statement)  # noqa: FBT003 - the field `allowed`
        granting = self._granting(context)
        if self.principal.identity is None or (granting and self._suffices(*granting)):
            return self._of_resource(granting)
        owned = self._first(self.identity, context)
        if owned is None:
            return self._denied("identity-based")
        if self.boundary is not None and self._first(self.boundary, context) is None:
            return self._denied("permissions boundary")
        if self.within_account and (granting or not self.needs_resource_policy):
            # A key's or role's policy that names the account leaves the decision to this statement.
            return Decision(allowed=True, statement=owned)
        return self._of_resource(granting)

    @property
    def needs_resource_policy(self) -> bool:
        """Whether an identity-based policy never suffices: key policies and trust policies come first.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
        """
        return self.action in _TRUSTED or (self.action.startswith("kms:") and ":key/" in self.resource)

    def _suffices(self, match: PrincipalMatch, statement: Statement) -> bool:
        """Return whether the resource's policy alone suffices, because it names the principal itself."""
        if not self.within_account or match is not PrincipalMatch.EXACT:
            return False
        return self.boundary is None or self._bypasses_boundary(statement)

    def _bypasses_boundary(self, statement: Statement) -> bool:
        """Return whether the statement names everyone, the user or the session; naming a role is not enough.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
        """
        principals, name = statement.principals, self.principal.name
        is_named = principals is not None and name in principals.arns and ":role/" not in name
        return is_named or (principals is not None and principals.everyone)

    def _of_resource(self, granting: tuple[PrincipalMatch, Statement] | None) -> Decision:
        if granting is None:
            return self._denied("resource-based")
        return Decision(True, "", granting[1])  # noqa: FBT003 - as above

    def _granting(self, context: Context) -> tuple[PrincipalMatch, Statement] | None:
        found = [pair for pair in self.by_resource if self._applies(pair[1], context)]
        return max(found, key=lambda pair: pair[0].value, default=None)

    def _first(self, statements: Iterable[Statement], context: Context) -> Statement | None:
        return next((statement for statement in statements if self._applies(statement, context)), None)

    def _applies(self, statement: Statement, context: Context) -> bool:
        resources = statement.resources
        has_variables = resources is not None and resources.has_variables
        return (not has_variables or statement.matches_resource(self.resource, context)) and statement.holds(
            context
        )

    def _denied(self, kind: str) -> Decision:
        noun = kind if kind == "permissions boundary" else f"{kind} policy"
        return Decision(False, f"because no {noun} allows the {self.action} action")  # noqa: FBT003 - as above


def select_applicable(
    policies: Policies, principal: Principal, action: str, resource: str
) -> ApplicablePolicies:
    """Select the statements that match this principal, action and resource."""

    def matching(statements: Iterable[Statement]) -> list[Statement]:
        return [each for each in statements if is_named(each) and _matches(each, action, resource)]

    def is_named(statement: Statement) -> bool:
        return _denies_bounded(statement, policies) or (
            statement.match_principal(principal) is not PrincipalMatch.NONE
        )

    identity = matching(policies.identity)
    # A statement of a resource-based policy without a principal matches nobody.
    by_resource = [each for each in matching(policies.resource) if each.principals is not None]
    boundary = None if policies.boundary is None else matching(policies.boundary)
    kinds = (
        ("an identity-based policy", identity),
        ("a resource-based policy", by_resource),
        ("a permissions boundary", boundary or []),
    )
    found = ApplicablePolicies(
        action=action,
        denies=tuple((kind, each) for kind, statements in kinds for each in statements if not each.allows),
        identity=tuple(each for each in identity if each.allows),
        boundary=None if boundary is None else tuple(each for each in boundary if each.allows),
        by_resource=tuple((each.match_principal(principal), each) for each in by_resource if each.allows),
        principal=principal,
        within_account=principal.account == policies.owner,
        resource=resource,
    )
    everything = (*identity, *by_resource, *(boundary or ()))
    return found if any(map(_depends, everything)) else replace(found, constant=found.decide({}))


def evaluate(
    policies: Policies, principal: Principal, action: str, resource: str, context: Context
) -> Decision:
    """Evaluate the policies for one request."""
    return select_applicable(policies, principal, action, resource).decide(context)


def _denies_bounded(statement: Statement, policies: Policies) -> bool:
    """Return whether NotPrincipal denies the principal only because it has a permissions boundary.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    return (
        policies.boundary is not None and statement.principals is not None and statement.principals.excluded
    )


def _matches(statement: Statement, action: str, resource: str) -> bool:
    resources = statement.resources
    return statement.matches_action(action) and (
        resources is None or resources.has_variables or resources.match(resource, {})
    )


def _depends(statement: Statement) -> bool:
    has_variables = statement.resources is not None and statement.resources.has_variables
    return bool(statement.conditions) or has_variables
