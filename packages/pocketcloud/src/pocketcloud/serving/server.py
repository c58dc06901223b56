"""Serve the offline cloud on 127.0.0.1, in real time or faster: an AWS endpoint and the HTTP endpoints.

Requests and the ticker share the cloud's lock, because moto's stores are not thread-safe.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from errno import EADDRINUSE
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Protocol

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import WSGIRequestHandler, make_server

from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_endpoints import EndpointAddress, HttpEndpoints
from pocketcloud.awslambda.execution import Execution
from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.core.stubs import Stubs
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.principals import Principal
from pocketcloud.serving.callers import Callers
from pocketcloud.serving.watchdog import watching_handlers
from pocketcloud.serving.wsgi import aws_endpoint, http_endpoint
from pocketcloud.virtual_time.clock import Clock
from pocketcloud.virtual_time.scheduler import Scheduler

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
TICK = 0.02
"""Seconds of real time between two runs of due actions."""


class ServableCloud(EndpointCloud, Protocol):
    """The parts of the offline cloud that the server uses."""

    @property
    def clock(self) -> Clock:
        """The virtual clock, which can follow real time."""

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler of due actions."""

    @property
    def access(self) -> AccessControl:
        """IAM authorization."""

    @property
    def stubs(self) -> Stubs:
        """Placeholders for resources of unsupported types."""

    @property
    def stacks(self) -> Sequence[StackRecord]:
        """The deployed stacks."""

    @property
    def running(self) -> Callable[[], Execution | None]:
        """Return the innermost running invocation; None if no function runs."""

    @property
    def lock(self) -> RLock:
        """Hold it during every access."""


class PortError(OSError):
    """The server cannot have this port; `strerror` names the reason."""

    def __init__(self, port: int, error: OSError) -> None:
        reason = "in use by another program" if error.errno == EADDRINUSE else f"{error.strerror}"
        super().__init__(error.errno, f"Port {port} of {HOST} is not available: {reason}")
        self.port = port


class PortInUseError(PortError):
    """Another program listens on this port."""


@dataclass(frozen=True, slots=True)
class Served:
    """The addresses of a served cloud."""

    aws_url: str
    http_url: str
    stopped: Event = field(default_factory=Event)
    requested: Event = field(default_factory=Event)
    """Set after every request, which may have planned actions that are due."""
    failures: list[BaseException] = field(default_factory=list)
    endpoints: HttpEndpoints | None = None

    def addresses(self) -> list[EndpointAddress]:
        """Return the address of each deployed HTTP endpoint."""
        return list(self.endpoints.addresses(self.http_url)) if self.endpoints else []

    def wait(self) -> None:
        """Wait for a failure and raise it, or for an interrupt."""
        self.stopped.wait()
        for failure in self.failures:
            raise failure


@dataclass(frozen=True, slots=True)
class Ports:
    """The sockets of a server, open before there is anything to serve: a client waits for its response."""

    aws: socket.socket
    http: socket.socket


@contextmanager
def open_ports(*, aws_port: int, http_port: int) -> Iterator[Ports]:
    """Listen on both ports, or raise PortError; a port of 0 takes any that is free."""
    with _listening(aws_port) as aws, _listening(http_port) as http:
        yield Ports(aws, http)


@contextmanager
def serve(
    cloud: ServableCloud,
    *,
    aws_port: int = 4566,
    http_port: int = 8080,
    caller: Principal | None = None,
    speed: float = 1,
) -> Iterator[Served]:
    """Serve inside the block; port 0 selects any free port. Without a caller, clients may do anything."""
    with (
        open_ports(aws_port=aws_port, http_port=http_port) as ports,
        serve_on(ports, cloud, caller, speed) as served,
    ):
        yield served


@contextmanager
def serve_on(
    ports: Ports, cloud: ServableCloud, caller: Principal | None = None, speed: float = 1
) -> Iterator[Served]:
    """Serve on these sockets until the block ends, with the caller's permissions or the administrator's.

    The cloud's time passes at this speed: at 60, a second of real time is a minute.
    """
    with ExitStack() as stack:
        endpoints = HttpEndpoints(cloud)
        served = Served(_url(ports.aws), _url(ports.http), endpoints=endpoints)
        cloud.clock.follow(speed)
        stack.enter_context(watching_handlers(cloud.running))
        stack.enter_context(_ticking(cloud, served))
        aws = _waking(
            aws_endpoint(cloud.lock, Callers(cloud.access, caller), cloud.stubs, cloud.stacks),
            served.requested,
        )
        http = _waking(http_endpoint(endpoints, cloud.lock), served.requested)
        stack.enter_context(_answering(ports.aws, aws, _QuietAwsHandler))
        stack.enter_context(_answering(ports.http, http, _QuietHandler))
        yield served


def _waking(application: "WSGIApplication", requested: Event) -> "WSGIApplication":
    """Run due actions right after each request, instead of at the next tick."""

    def served(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        finally:
            requested.set()

    return served


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        kind = PortInUseError if error.errno == EADDRINUSE else PortError
        raise kind(port, error) from error


def _url(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"


@contextmanager
def _answering(
    listening: socket.socket, application: "WSGIApplication", handler: type[WSGIRequestHandler]
) -> Iterator[None]:
    # Create the socket here: werkzeug exits the process if the port is in use.
    server = make_server(HOST, 0, application, threaded=True, request_handler=handler, fd=listening.fileno())
    # With the default poll interval, stopping would take half a second.
    thread = Thread(target=server.serve_forever, args=(0.05,), name="server", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _ticking(cloud: ServableCloud, served: Served) -> Iterator[None]:
    """Make virtual time follow real time, and run due actions."""
    thread = Thread(target=_tick, args=(cloud, served), name="ticker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        served.stopped.set()
        served.requested.set()
        thread.join()


def _tick(cloud: ServableCloud, served: Served) -> None:
    try:
        while not served.stopped.is_set():
            served.requested.wait(TICK)
            served.requested.clear()
            with cloud.lock:
                cloud.scheduler.run_until(cloud.clock.due())
    except BaseException as failure:  # noqa: BLE001 - `wait` raises the thread's failure
        served.failures.append(failure)
        served.stopped.set()


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: a line per request would flood the terminal."""


class _QuietAwsHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing, as above."""
