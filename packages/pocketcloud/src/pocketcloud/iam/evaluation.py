"""AWS's evaluation logic: any Deny wins; within an account one Allow suffices, across accounts it takes two.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pocketcloud.iam.policy import Statement
from pocketcloud.iam.principals import Naming, Principal
from pocketcloud.iam.text import Context


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that bear on a principal's access to a resource."""

    identity: tuple[Statement, ...] = ()
    resource: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None
    """The permissions boundary, if the role has one."""
    owner: str = ""
    """The account of the resource."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, in AWS's words why not, and the statement that decided, if one did."""

    allowed: bool
    because: str = ""
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class ApplicablePolicies:
    """The statements that speak of one principal, action and resource: what is left to ask is the context.

    A decision without a condition is the same for every request, and made once.
    """

    action: str
    denies: tuple[tuple[str, Statement], ...]
    identity: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None
    by_resource: tuple[tuple[Naming, Statement], ...]
    principal: Principal
    within_account: bool
    resource: str
    constant: Decision | None = field(default=None)

    def decide(self, context: Context) -> Decision:
        """Whether a request with this context is allowed."""
        return self.constant or self._decide(context)

    def _decide(self, context: Context) -> Decision:
        for kind, statement in self.denies:
            if self._applies(statement, context):
                return Decision(False, f"with an explicit deny in {kind}", statement)  # noqa: FBT003 - its first field
        admitting = self._admitting(context)
        if self.principal.service or (admitting and self._suffices(*admitting)):
            return self._of_resource(admitting)
        owned = self._first(self.identity, context)
        if owned is None:
            return self._refused("identity-based")
        if self.boundary is not None and self._first(self.boundary, context) is None:
            return self._refused("permissions boundary")
        return Decision(True, "", owned) if self.within_account else self._of_resource(admitting)  # noqa: FBT003

    def _suffices(self, naming: Naming, statement: Statement) -> bool:
        """Whether the resource's policy alone lets it in: it names the principal, not just its account."""
        if not self.within_account or naming is not Naming.ITSELF:
            return False
        names_session = statement.principals is not None and self.principal.name in statement.principals.arns
        return self.boundary is None or names_session

    def _of_resource(self, admitting: tuple[Naming, Statement] | None) -> Decision:
        if admitting is None:
            return self._refused("resource-based")
        return Decision(True, "", admitting[1])  # noqa: FBT003 - as above

    def _admitting(self, context: Context) -> tuple[Naming, Statement] | None:
        found = [pair for pair in self.by_resource if self._applies(pair[1], context)]
        return max(found, key=lambda pair: pair[0].value, default=None)

    def _first(self, statements: Iterable[Statement], context: Context) -> Statement | None:
        return next((statement for statement in statements if self._applies(statement, context)), None)

    def _applies(self, statement: Statement, context: Context) -> bool:
        resources = statement.resources
        varies = resources is not None and resources.varies
        return (not varies or statement.concerns_resource(self.resource, context)) and statement.holds(
            context
        )

    def _refused(self, kind: str) -> Decision:
        noun = kind if kind == "permissions boundary" else f"{kind} policy"
        return Decision(False, f"because no {noun} allows the {self.action} action")  # noqa: FBT003 - as above


def narrowed(policies: Policies, principal: Principal, action: str, resource: str) -> ApplicablePolicies:
    """What of the policies speaks of this principal, action and resource."""

    def concerned(statements: Iterable[Statement]) -> list[Statement]:
        return [each for each in statements if _concerns(each, principal, action, resource)]

    identity, by_resource = concerned(policies.identity), concerned(policies.resource)
    boundary = None if policies.boundary is None else concerned(policies.boundary)
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
        by_resource=tuple((each.naming(principal), each) for each in by_resource if each.allows),
        principal=principal,
        within_account=principal.account == policies.owner,
        resource=resource,
    )
    everything = (*identity, *by_resource, *(boundary or ()))
    return found if any(map(_depends, everything)) else replace(found, constant=found.decide({}))


def evaluate(
    policies: Policies, principal: Principal, action: str, resource: str, context: Context
) -> Decision:
    """Whether the principal may do this to the resource, in a request with this context."""
    return narrowed(policies, principal, action, resource).decide(context)


def _concerns(statement: Statement, principal: Principal, action: str, resource: str) -> bool:
    resources = statement.resources
    return (
        statement.naming(principal) is not Naming.NOT
        and statement.concerns_action(action)
        and (resources is None or resources.varies or resources.match(resource, {}))
    )


def _depends(statement: Statement) -> bool:
    varies = statement.resources is not None and statement.resources.varies
    return bool(statement.conditions) or varies
