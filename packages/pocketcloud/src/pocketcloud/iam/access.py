"""Access control of one account: authorize every call and every delivery."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from pocketcloud.iam.access_request import AccessRequest, AccountRegion, account_of, source_context
from pocketcloud.iam.account_policies import OTHER_ACCOUNT, AccountPolicies
from pocketcloud.iam.actions import Actions
from pocketcloud.iam.audit import Denial, GrantUse
from pocketcloud.iam.evaluation import Decision, Policies, select_applicable
from pocketcloud.iam.key_permissions import KeyPermissions
from pocketcloud.iam.known_grants import KnownGrant, KnownPolicies
from pocketcloud.iam.policy import Statement
from pocketcloud.iam.principals import Principal, role, service
from pocketcloud.iam.text import Value
from pocketcloud.iam.unlisted import decide_without_resource
from pocketcloud.iam.unsupported import UnknownOperationError
from pocketcloud.virtual_time.clock import Clock


class AccessControl:
    """Authorizes requests by the current policies; records denials and the grants that were used."""

    def __init__(self, clock: Clock, location: AccountRegion) -> None:
        self._clock = clock
        self.location = location
        self.caller = location.account
        """Account of the client whose call is being made."""
        self._policies = AccountPolicies(location)
        self._keys = KeyPermissions(location)
        self._applicable: dict[tuple[str, str, str], KnownPolicies] = {}
        self._allowed: dict[tuple[str, ...], KnownGrant] = {}
        """Grants of services and functions by principal, action, resource and source."""
        self._grants: list[KnownGrant] = []
        self._functions: dict[str, Principal] = {}
        self._code: dict[str, Principal] = {}
        self._identity_statements: dict[str, tuple[Statement, ...]] = {}
        self._clients: WeakKeyDictionary[object, Principal | None] = WeakKeyDictionary()
        self._uses: Counter[GrantUse] = Counter()
        self.generation = 0
        """Number of times that policies may have changed."""
        self.denials: list[Denial] = []
        """All denials, in order."""

    @property
    def uses(self) -> Counter[GrantUse]:
        """Number of uses of each grant."""
        for grant in self._grants:
            if grant.count:
                self._uses[grant.use] += grant.count
                grant.count = 0
        return self._uses

    @cached_property
    def actions(self) -> Actions:
        """The permissions that calls need in this account."""
        return Actions(
            self.location,
            self._policies.partition_key,
            secret_arn=self._policies.secret_arn,
            key_arn=self._policies.key_arn,
        )

    def function(self, name: str) -> Principal:
        """Return the function's role, in a session named after the function."""
        known = self._functions.get(name)
        if known is None:
            known = self._functions[name] = role(self._policies.role_of(name), name)
        return known

    def function_code(self, name: str) -> Principal:
        """Return the principal of a call that the function's code makes, not Lambda with its role.

        https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        """
        known = self._code.get(name)
        if known is None:
            key = {"lambda:sourcefunctionarn": self.location.arn("lambda", f"function:{name}")}
            by_role = self.function(name)
            known = self._code[name] = replace(by_role, context={**by_role.context, **key})
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
        return self._find_applicable(principal, request).policies.decide(self._context(principal, request))

    def authorize(self, principal: Principal, request: AccessRequest) -> Denial | None:
        """Authorize a request, and the use of its resource's key.

        Record the grants used, or record and return the denial.
        """
        return self._authorize_alone(principal, request) or self._authorize_key(principal, request)

    def _authorize_key(self, principal: Principal, request: AccessRequest) -> Denial | None:
        """Authorize the use of a customer-managed key by a permitted request on what it encrypts."""
        needed = self._keys.needed(principal, request)
        return next((found for each in needed if (found := self._authorize_alone(principal, each))), None)

    def _authorize_alone(self, principal: Principal, request: AccessRequest) -> Denial | None:
        known = self._find_applicable(principal, request)
        if known.constant is not None:
            known.constant.count += 1
            return None
        granted = self._granted(known, principal, request, self._context(principal, request))
        return granted if isinstance(granted, Denial) else None

    def authorize_call(
        self,
        principal: Principal,
        service_name: str,
        operation: str,
        parameters: Mapping[str, Any],
        *,
        prefix: str,
    ) -> list[Denial]:
        """Authorize an AWS call; return all denials. The service's actions begin with the prefix."""
        try:
            needed = self.actions.of(service_name, operation, parameters)
        except UnknownOperationError:
            denial = self.authorize_unlisted(principal, f"{prefix}:{operation}")
            return [denial] if denial else []
        return [denial for request in needed if (denial := self.authorize(principal, request))]

    def authorize_unlisted(self, principal: Principal, action: str) -> Denial | None:
        """Authorize an action whose resource is not known, if the policies name none."""
        boundary = self._policies.boundary_of(principal.role) if principal.role else None
        policies = Policies(
            identity=self._of_identity(principal),
            boundary=boundary,
            resource=(),
            owner=self.location.account,
        )
        decision = decide_without_resource(policies, principal, action, self.location.region)
        if decision.allowed:
            return None
        denial = Denial(self._clock.now(), principal, action, "*", decision.reason)
        self.denials.append(denial)
        return denial

    def authorize_service(self, name: str, action: str, resource: str, *, source_arn: str) -> Denial | None:
        """Authorize an AWS service that acts on behalf of the resource `source_arn`."""
        key = (name, action, resource, source_arn)
        if self._is_kept(key):
            return None
        request = AccessRequest(action, resource, source_context(source_arn, self.location))
        return self._authorize_first(key, service(name), request)

    def authorize_function(self, name: str, action: str, resource: str) -> Denial | None:
        """Authorize Lambda acting with the function's role: polling its source, writing its log."""
        key = (name, action, resource)
        if self._is_kept(key):
            return None
        return self._authorize_first(key, self.function(name), AccessRequest(action, resource))

    def _is_kept(self, key: tuple[str, ...]) -> bool:
        """Whether a grant is kept for the request, which is then counted; none is while there are keys."""
        grant = self._allowed.get(key)
        if grant is None or self._keys.exist:
            return False
        grant.count += 1
        return True

    def _authorize_first(
        self, key: tuple[str, ...], principal: Principal, request: AccessRequest
    ) -> Denial | None:
        """Authorize a request; keep the grant if the decision depends on nothing but the key."""
        times: list[str] = []
        context = self._context(principal, request, times)
        granted = self._granted(self._find_applicable(principal, request), principal, request, context)
        if isinstance(granted, Denial):
            return granted
        if not times:
            self._allowed[key] = granted
        return self._authorize_key(principal, request)

    def forget(self) -> None:
        """Drop all cached policies because something in the account changed."""
        self.generation += 1
        self._uses = self.uses
        self._grants.clear()
        self._applicable.clear()
        self._allowed.clear()
        self._functions.clear()
        self._code.clear()
        self._identity_statements.clear()

    def clear(self) -> None:
        """Delete the recorded uses and denials."""
        self.uses.clear()  # after adding the counts that are not yet in it
        self.denials.clear()

    def _find_applicable(self, principal: Principal, request: AccessRequest) -> KnownPolicies:
        key = (principal.name, request.action, request.resource)
        known = self._applicable.get(key)
        if known is None:
            policies = self._policies_for(principal, request)
            found = select_applicable(policies, principal, request.action, request.resource)
            known = self._applicable[key] = KnownPolicies(found, {})
            decision = found.constant
            if decision is not None and decision.allowed and decision.statement is not None:
                known.constant = self._grant(known, principal, request, decision.statement)
        return known

    def _granted(
        self, known: KnownPolicies, principal: Principal, request: AccessRequest, context: Mapping[str, Value]
    ) -> KnownGrant | Denial:
        """Evaluate a request; count and return the grant used, or record and return the denial."""
        decision = known.policies.decide(context)
        if not decision.allowed or decision.statement is None:
            denial = Denial(self._clock.now(), principal, request.action, request.resource, decision.reason)
            self.denials.append(denial)
            return denial
        grant = self._grant(known, principal, request, decision.statement)
        grant.count += 1
        return grant

    def _grant(
        self, known: KnownPolicies, principal: Principal, request: AccessRequest, statement: Statement
    ) -> KnownGrant:
        grant = known.grants.get(statement.place)
        if grant is None:
            who = principal.role or principal.name
            grant = KnownGrant(GrantUse(statement.place, who, request.action, request.resource))
            known.grants[statement.place] = grant
            self._grants.append(grant)
        return grant

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

    def _context(
        self, principal: Principal, request: AccessRequest, times: list[str] | None = None
    ) -> dict[str, Value]:
        """Return all condition keys; add each time that an evaluation reads to `times`."""

        def read(text: str) -> str:
            if times is not None:
                times.append(text)
            return text

        return {
            "aws:securetransport": "true",
            "aws:requestedregion": self.location.region,
            "aws:resourceaccount": account_of(request.resource, self.location),
            "aws:currenttime": lambda: read(self._clock.now().isoformat()),
            "aws:epochtime": lambda: read(str(int(self._clock.now().timestamp()))),
            **principal.context,
            **request.context,
        }
