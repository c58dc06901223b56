"""The offline cloud: an AWS account in one process, in virtual time, with a journal of every event."""

import gc
import random
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Self

from moto.moto_api._internal import mock_random

from pocketcloud.awslambda.invocation import InvocationResult
from pocketcloud.awslambda.synchronous_invocation import invoke_at_once
from pocketcloud.cloudwatch.metrics import next_minute
from pocketcloud.core.aws_calls import AwsCalls
from pocketcloud.core.boto_session import shared_session
from pocketcloud.core.engine import REGION, Engine
from pocketcloud.core.journal import Journal, MessageDelivery, Undelivered
from pocketcloud.core.process_environment import shielded
from pocketcloud.core.stubs import Stubs
from pocketcloud.iam.access import AccessControl
from pocketcloud.moto_patches.moto_settings import mocked_in_process
from pocketcloud.services import Services
from pocketcloud.ses.mails import SentMail, sent_mails
from pocketcloud.virtual_time.clock import Clock
from pocketcloud.virtual_time.latency import Latency
from pocketcloud.virtual_time.scheduler import Scheduler

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

    from pocketcloud.apigateway.http_endpoints import HttpEndpoints
    from pocketcloud.apigateway.http_message import Reply
    from pocketcloud.apigateway.tokens import Tokens
    from pocketcloud.cloudformation.deployment import DeploymentResult

ASSEMBLY = Path("cdk.out")
GC_THRESHOLD = (100_000, 50, 50)
"""Collect garbage rarely: with Python's defaults it took a sixth of a simulation's time.
https://docs.python.org/3/library/gc.html#gc.set_threshold"""


class CloudOpenError(RuntimeError):
    """Another offline cloud is open in this process; moto has only one set of stores."""


class OfflineCloud:
    """An AWS account that exists until it is closed; use it as a context manager."""

    _open: ClassVar["OfflineCloud | None"] = None

    def __init__(
        self,
        *,
        seed: int = 0,
        start_at: datetime | None = None,
        stubs: Iterable[str] = (),
        history_limit: int | None = None,
    ) -> None:
        """Open an empty account; `start` also deploys an assembly.

        `history_limit` bounds how many hops, deliveries, emails and log lines a long run keeps, about.
        """
        if OfflineCloud._open is not None:
            raise CloudOpenError("close the offline cloud that is open in this process first")
        self.clock = Clock(start_at)
        self.scheduler = Scheduler(self.clock, seed=seed)
        self.journal = Journal(self.clock, history_limit)
        self.calls = AwsCalls()
        self.lock = RLock()
        """Hold it during every access from another thread."""
        self.issuers: dict[str, KeySetSerialization] = {}
        """Public keys (JWKS) of token issuers other than this account's Cognito user pools."""
        self.outputs: dict[str, str] = {}
        """CloudFormation outputs of all stacks."""
        self.stubs = Stubs(stubs)
        self.engine = Engine(self.clock, self.scheduler, self.journal, stubs=self.stubs)
        self.services = Services(self.engine, self.calls, history_limit)
        self.running = self.services.runtime.innermost
        self.stacks = self.services.stacks
        self.alarms = self.services.alarms
        """CloudWatch alarms: which are in ALARM, and the history of their states."""
        self.metrics = self.services.metrics
        """CloudWatch metrics."""
        self.api_destinations = self.services.api_destinations
        """Requests to API destinations, and the function that chooses the status of each."""
        self.kafka, self.brokers = self.services.mappings.kafka, self.services.mappings.brokers
        """Topics of Kafka clusters and queues of RabbitMQ brokers outside AWS, which mappings read."""
        self._clients: dict[str, Any] = {}
        self._stack = self._entered(seed)
        OfflineCloud._open = self
        self._session = shared_session()
        self._front: HttpEndpoints | None = None
        self._tokens: Tokens | None = None
        self._deployment: DeploymentResult | None = None

    @classmethod
    def start(  # noqa: PLR0913 - all by name, each with a default
        cls,
        *,
        seed: int = 0,
        assembly: Path = ASSEMBLY,
        start_at: datetime | None = None,
        latency: Latency = Latency.PUBLISHED,
        stubs: Iterable[str] = (),
        history_limit: int | None = None,
    ) -> "OfflineCloud":
        """Open an account and deploy a cloud assembly, by default `cdk.out`; `stubs` become placeholders."""
        cloud = cls(seed=seed, start_at=start_at, stubs=stubs, history_limit=history_limit)
        cloud.engine.latency = latency
        try:
            from pocketcloud.snapshots.deployments import deployed  # noqa: PLC0415 - slow import, as below

            cloud._keep(deployed(assembly, cloud.services, cloud.engine, cloud._session, history_limit))
        except BaseException:
            cloud.close()
            raise
        return cloud

    def deploy(self, assembly: Path) -> tuple[str, ...]:
        """Deploy a cloud assembly, or update the deployed stacks to it; return what the update changed.

        Raise DeployError if a stack could not be updated: it is then as before, but earlier ones are updated.
        """
        from pocketcloud.cloudformation.deployment import deploy, redeploy  # noqa: PLC0415 - slow import; an empty cloud does without

        with self.lock:
            if self._deployment is None:
                return self._keep(deploy(assembly, self._session, self.stubs))
            return self._keep(redeploy(assembly, self._deployment))

    def _keep(self, result: "DeploymentResult") -> tuple[str, ...]:
        self._deployment, self.outputs, self.stacks[:] = result, dict(result.outputs), result.stacks
        return result.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Restore the process's time, environment and moto."""
        self._stack.close()
        if OfflineCloud._open is self:
            OfflineCloud._open = None

    @property
    def deliveries(self) -> list[MessageDelivery]:
        """Every message delivered to a function."""
        return self.journal.deliveries

    @property
    def undelivered(self) -> list[Undelivered]:
        """Every dropped or dead-lettered event, with the reason."""
        return self.journal.undelivered

    @property
    def mails(self) -> list[SentMail]:
        """Every mail sent through SES."""
        return list(sent_mails(self.engine.account, self.engine.region))

    @property
    def outages(self) -> set[str]:
        """Resources (`topic/…`, `queue/…`, `bus/…`) that fail deliveries with server errors."""
        return self.engine.outages

    @property
    def retry_after(self) -> timedelta | None:
        """Delay before every retry of a failed delivery; None for AWS's own retry schedule."""
        return self.engine.retry_after

    @retry_after.setter
    def retry_after(self, delay: timedelta | None) -> None:
        self.engine.retry_after = delay

    def http(  # noqa: PLR0913 - an HTTP request has that many parts
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        customer: str | None = "customer-1",
    ) -> "Reply":
        """Send a request to the deployed API or function URL; sign in as that user unless it has a token."""
        from pocketcloud.apigateway.http_endpoints import HttpEndpoints  # noqa: PLC0415 - slow import of Cognito; most tests do without

        with self.lock:
            self._front = self._front or HttpEndpoints(self, issuers=self.issuers)
            return self._front.request(method, path, json=json, body=body, headers=headers, customer=customer)

    def token(self, user: str) -> str:
        """Return a valid access token of that user."""
        from pocketcloud.apigateway.tokens import Tokens  # noqa: PLC0415 - as above

        with self.lock:
            self._tokens = self._tokens or Tokens(self)
            return self._tokens.token(user)

    def put_events(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Call EventBridge's PutEvents."""
        with self.lock:
            response: dict[str, Any] = self.client("events").put_events(Entries=entries)
            return response

    def invoke(
        self, function_name: str, payload: dict[str, Any], *, source_arn: str | None = None
    ) -> InvocationResult:
        """Invoke a function (`name` or `name:alias`) synchronously, as the administrator or for a route."""
        with self.lock:
            return invoke_at_once(
                self.engine, self.services.runtime, function_name, payload, source_arn=source_arn
            )

    def settle(self) -> None:
        """Run until nothing is in flight, including visibility timeouts and retries, in virtual time."""
        with self.lock:
            self.scheduler.settle()
            self.services.expire()

    def advance(self, **timedelta_kwargs: float) -> None:
        """Advance the clock by `timedelta(**timedelta_kwargs)` and run everything due until then."""
        with self.lock:
            self.scheduler.run_until(self.clock.now() + timedelta(**timedelta_kwargs))
            self.services.expire()

    def skip(self, **timedelta_kwargs: float) -> None:
        """Settle, then move the clock by days without running schedules and alarms every minute."""
        with self.lock:
            when = self.clock.now() + timedelta(**timedelta_kwargs)
            self.scheduler.settle()
            self.clock.move_to(when)
            self.services.expire()

    @property
    def access(self) -> AccessControl:
        """Access control: the grants that were used and all denials."""
        return self.engine.access

    def client(self, service: str, *, role: str | None = None) -> Any:
        """Return a boto3 client with the permissions of a role (by ARN), or the administrator's.

        A role of another account is assumed to be allowed everything by its own account.
        """
        with self.lock:
            client = None if role else self._clients.get(service)
            if client is None:
                client = self._session.client(service)  # type: ignore[call-overload]  # any service's name
                self.access.act_as(client, role)
            if role is None:
                self._clients[service] = client
            return client

    def logs(self, function_name: str) -> list[str]:
        """Return the last log lines of the function."""
        return [line.text for line in self.services.runtime.logs[function_name]]

    def reset(self, *, seed: int = 0) -> None:
        """Empty tables, queues, streams, archives and the journal; keep the deployment and warm sandboxes.

        The clock moves to the next whole minute, when alarms are evaluated, and schedules restart, so
        every run starts in the same state.
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
            self._front = None  # it caches what authorizers returned
            self._tokens = None  # a cached token could expire during the next run
            _seed(seed)

    def _entered(self, seed: int) -> ExitStack:
        """Take over the process's environment, time, randomness and moto until the stack is closed."""
        with ExitStack() as stack:
            stack.enter_context(shielded(AWS_DEFAULT_REGION=REGION, AWS_REGION=REGION))
            stack.enter_context(self.clock)
            stack.enter_context(mocked_in_process())
            stack.callback(random.setstate, random.getstate())
            stack.callback(mock_random.setstate, mock_random.getstate())
            stack.enter_context(self.services.activate())
            stack.callback(gc.set_threshold, *gc.get_threshold())
            gc.set_threshold(*GC_THRESHOLD)
            _seed(seed)
            return stack.pop_all()


def _seed(seed: int) -> None:
    """Seed moto's ids and the `random` module, which botocore's retries use."""
    mock_random.seed(seed)
    random.seed(seed)
