"""The offline cloud: an AWS account in one process, in virtual time, every hop of every event on record."""

import gc
import json as jsonlib
import random
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Self

import boto3
from moto.moto_api._internal import mock_random

from offline.alarms import Alarms
from offline.calls import AwsCalls
from offline.clock import Clock
from offline.engine import REGION, Engine, function_in
from offline.invocation import FunctionError, InvocationResult
from offline.journal import Delivery, Journal, Kind, Undelivered
from offline.mails import Mail, sent_mails
from offline.metrics import Metrics, next_minute
from offline.moto_settings import mocked_in_process
from offline.permissions.access import AccessControl
from offline.process_environment import shielded
from offline.scheduler import Scheduler
from offline.services import Services
from offline.synthesis import current_assembly

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

    from offline.http_api import HttpApi
    from offline.http_message import Reply
    from offline.tokens import Tokens


_GATEWAY = "apigateway.amazonaws.com"
RARELY = (100_000, 50, 50)
"""When garbage is looked for: to go through all that a cloud holds took a sixth of a simulation's time.
https://docs.python.org/3/library/gc.html#gc.set_threshold"""


class CloudOpenError(RuntimeError):
    """Another offline cloud is open in this process; moto has one set of stores for all."""


class OfflineCloud:
    """An account that exists until it is closed; use it as a context manager."""

    _open: ClassVar["OfflineCloud | None"] = None

    def __init__(self, *, seed: int = 0, start_at: datetime | None = None) -> None:
        """An empty account; `start` gives one with an assembly deployed."""
        if OfflineCloud._open is not None:
            raise CloudOpenError("close the offline cloud that is open in this process first")
        self.clock = Clock(start_at)
        self.scheduler = Scheduler(self.clock, seed=seed)
        self.journal = Journal(self.clock)
        self.calls = AwsCalls()
        self.lock = RLock()
        """Held by whoever touches anything, where there is more than one thread."""
        self.issuers: dict[str, KeySetSerialization] = {}
        """The public keys (JWKS) of token issuers that are no Cognito user pool of this account."""
        self.outputs: dict[str, str] = {}
        """The CloudFormation outputs of all stacks."""
        self.engine = Engine(self.clock, self.scheduler, self.journal)
        self.services = Services(self.engine, self.calls)
        self._clients: dict[str, Any] = {}
        self._stack = self._entered(seed)
        OfflineCloud._open = self
        self._session = _session()
        self._front: HttpApi | None = None
        self._tokens: Tokens | None = None

    @classmethod
    def start(
        cls, *, seed: int = 0, assembly: Path | None = None, start_at: datetime | None = None
    ) -> "OfflineCloud":
        """A cloud with the assembly deployed: ours unless told otherwise, synthesised if stale."""
        from offline.deployment import deploy  # noqa: PLC0415 - an empty cloud needs no deployment

        folder = assembly or current_assembly()
        cloud = cls(seed=seed, start_at=start_at)
        try:
            cloud.outputs.update(deploy(folder, cloud._session).outputs)
        except BaseException:
            cloud.close()
            raise
        return cloud

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the process back its own time, environment and moto."""
        self._stack.close()
        if OfflineCloud._open is self:
            OfflineCloud._open = None

    @property
    def deliveries(self) -> list[Delivery]:
        """Every message that was handed to a function."""
        return self.journal.deliveries

    @property
    def undelivered(self) -> list[Undelivered]:
        """Every event that reached nobody or a dead-letter queue, with its reason."""
        return self.journal.undelivered

    @property
    def mails(self) -> list[Mail]:
        """Every mail that was sent through SES."""
        return list(sent_mails(self.engine.account, self.engine.region))

    @property
    def alarms(self) -> Alarms:
        """CloudWatch's alarms: which are ringing, and every change of their states."""
        return self.services.alarms

    @property
    def metrics(self) -> Metrics:
        """CloudWatch's metrics."""
        return self.services.metrics

    @property
    def outages(self) -> set[str]:
        """Resources (`topic/…`, `queue/…`, `bus/…`) that answer deliveries with server errors for now."""
        return self.engine.outages

    @property
    def retry_after(self) -> timedelta | None:
        """None: failures come again as on AWS; else every failed delivery does after exactly this long."""
        return self.engine.retry_after

    @retry_after.setter
    def retry_after(self, delay: timedelta | None) -> None:
        self.engine.retry_after = delay

    def http(  # noqa: PLR0913 - the words of an HTTP request
        self,
        method: str,
        path: str,
        *,
        json: Any = None,  # noqa: ANN401 - a JSON document may be anything
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        customer: str | None = "customer-1",
    ) -> "Reply":
        """Ask the deployed HTTP API, with a valid token of that customer unless `headers` has another."""
        from offline.http_api import HttpApi  # noqa: PLC0415 - it imports Cognito, which most clouds do not need

        with self.lock:
            self._front = self._front or HttpApi(self, issuers=self.issuers)
            return self._front.request(method, path, json=json, body=body, headers=headers, customer=customer)

    def token(self, customer: str) -> str:
        """A valid access token of that customer."""
        from offline.tokens import Tokens  # noqa: PLC0415 - as above

        with self.lock:
            self._tokens = self._tokens or Tokens(self)
            return self._tokens.token(customer)

    def put_events(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """EventBridge's PutEvents, as a client sends it."""
        with self.lock:
            answer: dict[str, Any] = self.client("events").put_events(Entries=entries)
            return answer

    def invoke(
        self, function_name: str, payload: dict[str, Any], *, source_arn: str | None = None
    ) -> InvocationResult:
        """Run a function, or `name:alias`, synchronously: for the administrator, or for a route."""
        with self.lock:
            name = f"function/{function_in(function_name)}"
            self.journal.write(Kind.INVOKED, self.engine.actor(), name, None)
            result = self._not_permitted(function_name, source_arn) or self.services.runtime.invoke(
                function_name, jsonlib.loads(jsonlib.dumps(payload))
            )
            kind = Kind.HANDLED if result.error is None else Kind.FAILED
            reason = None if result.error is None else str(result.error)
            self.journal.write(kind, name, self.engine.actor(), None, reason=reason)
            return result

    def _not_permitted(self, function_name: str, source_arn: str | None) -> InvocationResult | None:
        """Why API Gateway may not invoke the function for this route, if it may not."""
        if source_arn is None:
            return None
        arn = self.access.home.arn("lambda", f"function:{function_name}")
        denial = self.access.ask_service(_GATEWAY, "lambda:InvokeFunction", arn, source_arn=source_arn)
        if denial is None:
            return None
        return InvocationResult.failed(FunctionError("AccessDeniedException", str(denial)), "none")

    def settle(self) -> None:
        """Run until nothing is in flight, visibility timeouts and retries included, in virtual time."""
        with self.lock:
            self.scheduler.settle()
            self.services.expire()

    def advance(self, **timedelta_kwargs: float) -> None:
        """Move the clock by a `timedelta` of these words, and run what falls due on the way."""
        with self.lock:
            self.scheduler.run_until(self.clock.now() + timedelta(**timedelta_kwargs))
            self.services.expire()

    def skip(self, **timedelta_kwargs: float) -> None:
        """Settle, and let so much time pass with the clock's own schedules and alarms standing still.

        For days in which nothing happens, of which `advance` would carry out every minute.
        """
        with self.lock:
            when = self.clock.now() + timedelta(**timedelta_kwargs)
            self.scheduler.settle()
            self.clock.move_to(when)
            self.services.expire()

    @property
    def access(self) -> AccessControl:
        """Who may do what: the grants that were used, and all that was denied."""
        return self.engine.access

    def client(self, service: str, *, role: str | None = None) -> Any:  # noqa: ANN401 - boto3's clients share no type
        """A boto3 client of this account: the administrator's, or held to the role with that ARN.

        What a role of another account may do, its own account is taken to allow: our policies decide.
        """
        with self.lock:
            if role is not None:
                client = self._session.client(service)  # type: ignore[call-overload]  # any service's name
                self.access.act_as(client, role)
                return client
            if service not in self._clients:
                client = self._session.client(service)  # type: ignore[call-overload]  # as above
                self.access.act_as(client, None)
                self._clients[service] = client
            return self._clients[service]

    def logs(self, function_name: str) -> list[str]:
        """The last lines that the function wrote."""
        return [line.text for line in self.services.runtime.logs[function_name]]

    def reset(self, *, seed: int = 0) -> None:
        """Empty tables, queues, streams, archives and the journal; the deployment and warm sandboxes stay.

        Time goes on at the next whole minute, where alarms look, so that no run depends on the one before;
        schedules begin their periods anew.
        """
        with self.lock:
            self.clock.move_to(next_minute(self.clock.now()))
            self.services.clear()
            self.scheduler.clear(seed=seed)
            self.services.restart()
            self.journal.clear()
            self.calls.clear()
            self.access.clear()
            self.engine.outages.clear()
            self._tokens = None  # one kept from before would expire in the middle of things
            _seed(seed)

    def _entered(self, seed: int) -> ExitStack:
        """The process under the cloud's control, until the stack is closed."""
        with ExitStack() as stack:
            stack.enter_context(shielded(AWS_DEFAULT_REGION=REGION, AWS_REGION=REGION))
            stack.enter_context(self.clock)
            stack.enter_context(mocked_in_process())
            stack.callback(random.setstate, random.getstate())
            stack.callback(mock_random.setstate, mock_random.getstate())
            stack.enter_context(self.services.in_control())
            stack.callback(gc.set_threshold, *gc.get_threshold())
            gc.set_threshold(*RARELY)
            _seed(seed)
            return stack.pop_all()


@cache
def _session() -> boto3.Session:
    """One for the process: loading botocore's models takes most of the time that an empty cloud needs."""
    return boto3.Session("offline", "offline", region_name=REGION)


def _seed(seed: int) -> None:
    """Begin the chance of moto's ids and of whoever uses `random` itself, such as botocore's retries."""
    mock_random.seed(seed)
    random.seed(seed)
