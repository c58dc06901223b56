"""Access control of one account: authorize every call and every delivery."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from pocketcloud.iam.access_request import AccessRequest, AccountRegion, account_of
from pocketcloud.iam.account_policies import OTHER_ACCOUNT, AccountPolicies
from pocketcloud.iam.actions import Actions
from pocketcloud.iam.evaluation import ApplicablePolicies, Decision, Policies, evaluate, select_applicable
from pocketcloud.iam.policy import Statement
from pocketcloud.iam.principals import Principal, role, service
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnsupportedPolicyError
from pocketcloud.virtual_time.clock import Clock


@dataclass(frozen=True, slots=True)
class Denial:
    """One denied action, with the reason."""

    at: datetime
    principal: Principal
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        """Return AWS's message: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""
        return (
            f"User: {self.principal.name} is not authorized to perform: {self.action}"
            f" on resource: {self.resource} {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class GrantUse:
    """One use of a policy statement that allowed an action."""

    statement: str
    principal: str
    action: str
    resource: str


class AccessControl:
    """Authorizes requests by the current policies; records denials and the grants that were used."""

    def __init__(self, clock: Clock, location: AccountRegion) -> None:
        self._clock = clock
        self.location = location
        self.caller = location.account
        """Account of the client whose call is being made."""
        self._policies = AccountPolicies(location)
        self._applicable: dict[tuple[str, str, str], tuple[ApplicablePolicies, dict[str, GrantUse]]] = {}
        self._functions: dict[str, Principal] = {}
        self._identity_statements: dict[str, tuple[Statement, ...]] = {}
        self._clients: WeakKeyDictionary[object, Principal | None] = WeakKeyDictionary()
        self.uses: Counter[GrantUse] = Counter()
        """Number of uses of each grant."""
        self.generation = 0
        """Number of times that policies may have changed."""
        self.denials: list[Denial] = []
        """All denials, in order."""

    @cached_property
    def actions(self) -> Actions:
        """The permissions that calls need in this account."""
        return Actions(self.location, self._policies.partition_key, self._policies.secret_arn)

    def function(self, name: str) -> Principal:
        """Return the function's role, in a session named after the function."""
        known = self._functions.get(name)
        if known is None:
            known = self._functions[name] = role(self._policies.role_of(name), name)
        return known

    @contextmanager
    def calling(self, principal: Principal) -> Iterator[None]:
        """Attribute calls in the block to the principal's account."""
        before, self.caller = self.caller, principal.account or self.location.account
        try:
            yield
        finally:
            self.caller = before

    def act_as(self, client: object, role_arn: str | None) -> None:
        """Give an outside client the administrator's permissions, or those of an existing or foreign role."""
        if role_arn is not None:
            self._policies.of_role(role_arn)
        self._clients[client] = None if role_arn is None else role(role_arn)

    def role_arn(self, name: str) -> str | None:
        """Return the ARN of this account's role with this name or ARN; None if there is none."""
        return self._policies.role_arn(name)

    def is_outside(self, client: object) -> bool:
        """Return whether the client is an outside one, even while a function is running."""
        return client in self._clients

    def principal_of(self, client: object) -> Principal | None:
        """Return the principal of an outside client; None for the administrator."""
        return self._clients.get(client)

    def decide(self, principal: Principal, request: AccessRequest) -> Decision:
        """Evaluate a request without recording the result."""
        return self._find_applicable(principal, request)[0].decide(self._context(principal, request))

    def authorize(self, principal: Principal, request: AccessRequest) -> Denial | None:
        """Authorize a request; record the grant used, or record and return the denial."""
        found, uses = self._find_applicable(principal, request)
        decision = found.constant or found.decide(self._context(principal, request))
        if not decision.allowed or decision.statement is None:
            denial = Denial(self._clock.now(), principal, request.action, request.resource, decision.reason)
            self.denials.append(denial)
            return denial
        place = decision.statement.place
        use = uses.get(place)
        if use is None:
            use = uses[place] = GrantUse(
                place, principal.role or principal.name, request.action, request.resource
            )
        self.uses[use] += 1
        return None

    def authorize_call(
        self, principal: Principal, service_name: str, operation: str, parameters: Mapping[str, Any]
    ) -> list[Denial]:
        """Authorize an AWS call; return all denials."""
        needed = self.actions.of(service_name, operation, parameters)
        return [denial for request in needed if (denial := self.authorize(principal, request))]

    def authorize_unlisted(self, principal: Principal, action: str) -> Denial | None:
        """Authorize an operation whose resource is not known, if its policies decide without it.

        Raise UnsupportedPolicyError if they name resources.
        """
        boundary = self._policies.boundary_of(principal.role) if principal.role else None
        identity = self._of_identity(principal)
        matching = [each for each in (*identity, *(boundary or ())) if each.matches_action(action)]
        is_denied = not any(each.allows for each in identity if each in matching)
        if not is_denied and not all(each.matches_resource("*", {}) for each in matching):
            raise UnsupportedPolicyError(
                f"the resource of {action} is not known offline, and {principal.name} is limited to some"
            )
        request, owner = AccessRequest(action, "*"), self.location.account
        policies = Policies(identity=identity, boundary=boundary, resource=(), owner=owner)
        context = {**principal.context, "aws:requestedregion": self.location.region}
        decision = evaluate(policies, principal, action, "*", context)
        if decision.allowed:
            return None
        denial = Denial(self._clock.now(), principal, action, request.resource, decision.reason)
        self.denials.append(denial)
        return denial

    def authorize_service(self, name: str, action: str, resource: str, *, source_arn: str) -> Denial | None:
        """Authorize an AWS service that acts on behalf of the resource `source_arn`."""
        return self.authorize(service(name), AccessRequest(action, resource, source_context(source_arn)))

    def authorize_function(self, name: str, action: str, resource: str) -> Denial | None:
        """Authorize Lambda acting with the function's role: polling its source, writing its log."""
        return self.authorize(self.function(name), AccessRequest(action, resource))

    def forget(self) -> None:
        """Drop all cached policies because something in the account changed."""
        self.generation += 1
        self._applicable.clear()
        self._functions.clear()
        self._identity_statements.clear()

    def clear(self) -> None:
        """Delete the recorded uses and denials."""
        self.uses.clear()
        self.denials.clear()

    def _find_applicable(
        self, principal: Principal, request: AccessRequest
    ) -> tuple[ApplicablePolicies, dict[str, GrantUse]]:
        key = (principal.name, request.action, request.resource)
        found = self._applicable.get(key)
        if found is None:
            policies = self._policies_for(principal, request)
            found = self._applicable[key] = (
                select_applicable(policies, principal, request.action, request.resource),
                {},
            )
        return found

    def _policies_for(self, principal: Principal, request: AccessRequest) -> Policies:
        trusts = request.action == "sts:AssumeRole"
        owner = account_of(request.resource, self.location)
        of_resource = self._policies.trust_policy_of if trusts else self._policies.of_resource
        return Policies(
            identity=self._of_identity(principal),
            boundary=self._policies.boundary_of(principal.role) if principal.role else None,
            # Assume that a resource of another account allows access; only this account's policies decide.
            resource=of_resource(request.resource) if owner == self.location.account else OTHER_ACCOUNT,
            owner=owner,
        )

    def _of_identity(self, principal: Principal) -> tuple[Statement, ...]:
        arn = principal.identity
        if arn is None:
            return ()
        if arn not in self._identity_statements:
            read = self._policies.of_user if principal.user else self._policies.of_role
            self._identity_statements[arn] = read(arn)
        return self._identity_statements[arn]

    def _context(self, principal: Principal, request: AccessRequest) -> dict[str, Value]:
        return {
            "aws:securetransport": "true",
            "aws:requestedregion": self.location.region,
            "aws:resourceaccount": account_of(request.resource, self.location),
            "aws:currenttime": lambda: self._clock.now().isoformat(),
            "aws:epochtime": lambda: str(int(self._clock.now().timestamp())),
            **principal.context,
            **request.context,
        }


def source_context(arn: str) -> dict[str, Value]:
    """Return the condition keys that a service sets for the resource it acts for."""
    return {"aws:sourcearn": arn, "aws:sourceaccount": arn.split(":")[4]}
