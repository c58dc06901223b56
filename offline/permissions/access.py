"""Access control of one account: every call and every delivery is asked about here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from offline.clock import Clock
from offline.permissions.account_policies import ELSEWHERE, AccountPolicies
from offline.permissions.actions import Actions
from offline.permissions.asked import Asked, Home, account_of
from offline.permissions.evaluation import Decision, Narrowed, Policies, narrowed
from offline.permissions.policy import Statement
from offline.permissions.principals import Principal, role, service
from offline.permissions.text import Value


@dataclass(frozen=True, slots=True)
class Denial:
    """One thing that was not allowed, and why."""

    at: datetime
    principal: Principal
    action: str
    resource: str
    because: str

    def __str__(self) -> str:
        """AWS's sentence: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""
        return (
            f"User: {self.principal.name} is not authorized to perform: {self.action}"
            f" on resource: {self.resource} {self.because}"
        )


@dataclass(frozen=True, slots=True)
class Use:
    """A statement of a policy that let somebody do something."""

    statement: str
    principal: str
    action: str
    resource: str


class AccessControl:
    """Decides by the policies that are in force, and remembers what was denied and which grants were used."""

    def __init__(self, clock: Clock, home: Home) -> None:
        self._clock = clock
        self.home = home
        self._policies = AccountPolicies(home)
        self._narrowed: dict[tuple[str, str, str], tuple[Narrowed, dict[str, Use]]] = {}
        self._functions: dict[str, Principal] = {}
        self._read: dict[str, tuple[Statement, ...]] = {}
        self._clients: WeakKeyDictionary[object, Principal | None] = WeakKeyDictionary()
        self.caller = home.account
        """Account of the client whose call is being made."""
        self.uses: Counter[Use] = Counter()
        """How often each grant was used."""
        self.generation = 0
        """Counts the times at which policies may have changed."""
        self.denials: list[Denial] = []
        """Everything that was not allowed, in order."""

    @cached_property
    def actions(self) -> Actions:
        """Which permissions a call needs here."""
        return Actions(self.home, self._policies.partition_key, self._policies.secret_arn)

    def function(self, name: str) -> Principal:
        """The function's role, in a session of the function's name."""
        known = self._functions.get(name)
        if known is None:
            known = self._functions[name] = role(self._policies.role_of(name), name)
        return known

    def act_as(self, client: object, role_arn: str | None) -> None:
        """Let a client outside act for the administrator, or for a role: one that exists, or is elsewhere."""
        if role_arn is not None:
            self._policies.of_role(role_arn)
        self._clients[client] = None if role_arn is None else role(role_arn)

    def is_outside(self, client: object) -> bool:
        """Whether this is no function's client, even if a function is in the middle of a call."""
        return client in self._clients

    def principal_of(self, client: object) -> Principal | None:
        """In whose name a client outside acts; None if it is the administrator's."""
        return self._clients.get(client)

    @contextmanager
    def calling(self, principal: Principal) -> Iterator[None]:
        """Let calls come from the principal's account meanwhile."""
        before, self.caller = self.caller, principal.account or self.home.account
        try:
            yield
        finally:
            self.caller = before

    def decide(self, principal: Principal, asked: Asked) -> Decision:
        """Whether the principal may; nothing is remembered of it."""
        return self._found(principal, asked)[0].decide(self._context(principal, asked))

    def ask(self, principal: Principal, asked: Asked) -> Denial | None:
        """Let the principal do it, and note the grant that was used; or the denial."""
        found, uses = self._found(principal, asked)
        decision = found.constant or found.decide(self._context(principal, asked))
        if not decision.allowed or decision.statement is None:
            denial = Denial(self._clock.now(), principal, asked.action, asked.resource, decision.because)
            self.denials.append(denial)
            return denial
        place = decision.statement.place
        use = uses.get(place)
        if use is None:
            use = uses[place] = Use(place, principal.role or principal.name, asked.action, asked.resource)
        self.uses[use] += 1
        return None

    def ask_call(
        self, principal: Principal, service_name: str, operation: str, parameters: Mapping[str, Any]
    ) -> list[Denial]:
        """All denials that one call meets."""
        needed = self.actions.of(service_name, operation, parameters)
        return [denial for asked in needed if (denial := self.ask(principal, asked))]

    def ask_service(self, name: str, action: str, resource: str, *, source_arn: str) -> Denial | None:
        """Whether an AWS service may, on behalf of the resource in `source_arn`."""
        return self.ask(service(name), Asked(action, resource, of_source(source_arn)))

    def ask_function(self, name: str, action: str, resource: str) -> Denial | None:
        """Whether Lambda may in the function's name, by its role: poll its source, write its log."""
        return self.ask(self.function(name), Asked(action, resource))

    def forget(self) -> None:
        """Read all policies anew: something in the account has changed."""
        self.generation += 1
        self._narrowed.clear()
        self._functions.clear()
        self._read.clear()

    def clear(self) -> None:
        """Forget what was used and denied."""
        self.uses.clear()
        self.denials.clear()

    def _found(self, principal: Principal, asked: Asked) -> tuple[Narrowed, dict[str, Use]]:
        key = (principal.name, asked.action, asked.resource)
        found = self._narrowed.get(key)
        if found is None:
            policies = self._bearing_on(principal, asked)
            found = self._narrowed[key] = (narrowed(policies, principal, asked.action, asked.resource), {})
        return found

    def _bearing_on(self, principal: Principal, asked: Asked) -> Policies:
        trusts = asked.action == "sts:AssumeRole"
        owner = account_of(asked.resource, self.home)
        of_resource = self._policies.trust_in if trusts else self._policies.of_resource
        return Policies(
            identity=self._of_role(principal.role) if principal.role else (),
            boundary=self._policies.boundary_of(principal.role) if principal.role else None,
            # What a resource elsewhere says of us is that account's to say: here only our side decides.
            resource=of_resource(asked.resource) if owner == self.home.account else ELSEWHERE,
            owner=owner,
        )

    def _of_role(self, arn: str) -> tuple[Statement, ...]:
        if arn not in self._read:
            self._read[arn] = self._policies.of_role(arn)
        return self._read[arn]

    def _context(self, principal: Principal, asked: Asked) -> dict[str, Value]:
        return {
            "aws:securetransport": "true",
            "aws:requestedregion": self.home.region,
            "aws:resourceaccount": account_of(asked.resource, self.home),
            "aws:currenttime": lambda: self._clock.now().isoformat(),
            "aws:epochtime": lambda: str(int(self._clock.now().timestamp())),
            **principal.context,
            **asked.context,
        }


def of_source(arn: str) -> dict[str, Value]:
    """What a service says of the resource it acts for."""
    return {"aws:sourcearn": arn, "aws:sourceaccount": arn.split(":")[4]}
