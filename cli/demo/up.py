"""`orderbus up`: the offline cloud on 127.0.0.1, for curl, boto3 and the AWS command line."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal
from cli.demo.deployment import deployed_names, offline_cloud
from cli.demo.deployment import seed as seed_tables
from cli.demo.instructions import instructions
from cli.demo.sample_orders import PLENTY, PRICES
from cli.demo.synthesis import assembly_folder
from pocketcloud.cloud import OfflineCloud
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.iam.principals import Principal
from pocketcloud.serving.assembly_watch import watching
from pocketcloud.serving.chosen_caller import find_caller
from pocketcloud.serving.server import PortError, PortInUseError, Ports, open_ports, serve_on
from pocketcloud.virtual_time.latency import Latency


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """The options of `orderbus up`."""

    aws_port: int
    http_port: int
    seed: int
    latency: Latency
    speed: float = 1
    """The speed of the cloud's time, in multiples of real time."""
    role: str | None = None
    """The role whose permissions clients have; without one, they may do anything."""


def up(options: UpOptions) -> ExitCode:
    """Serve until Ctrl-C."""
    console = terminal()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell script lets its background jobs ignore SIGINT.
        signal.signal(number, _interrupt)
    with _ports(options.aws_port, options.http_port) as ports:
        console.print("Deploying cdk.out into the offline cloud …")
        started = datetime.now(UTC)
        with offline_cloud(seed=options.seed, start_at=started, latency=options.latency) as cloud:
            seed_tables(cloud, deployed_names(cloud.outputs), PRICES, dict.fromkeys(PRICES, PLENTY))
            _serve(cloud, console, ports, options)
    return ExitCode.OK


@contextmanager
def _ports(aws_port: int, http_port: int) -> Iterator[Ports]:
    """Open both ports before the deployment, to report an occupied one at once."""
    if aws_port == http_port:
        raise CommandError(
            f"--aws-port and --http-port are both {aws_port}.",
            hint="Choose two different ports.",
            code=ExitCode.USAGE,
        )
    with ExitStack() as stack:
        try:
            ports = stack.enter_context(open_ports(aws_port=aws_port, http_port=http_port))
        except PortError as error:
            raise _port_error(error) from error
        yield ports


def _port_error(error: PortError) -> CommandError:
    if isinstance(error, PortInUseError):
        message = f"Port {error.port} is in use by another program."
        hint = "Stop that program, or choose another port: --aws-port, --http-port."
    else:
        message = f"{error.strerror}."
        hint = "Choose a port above 1023: --aws-port, --http-port."
    return CommandError(message, hint=hint, code=ExitCode.PORT_IN_USE)


def _caller(cloud: OfflineCloud, role: str | None) -> Principal | None:
    try:
        return find_caller(cloud, role)
    except UnknownRoleError as error:
        hint = "Name a role of the templates by its ARN, its name or its logical id."
        raise CommandError(f"{error}.", hint=hint, code=ExitCode.USAGE) from error


def _serve(cloud: OfflineCloud, console: Terminal, ports: Ports, options: UpOptions) -> None:
    with (
        serve_on(ports, cloud, _caller(cloud, options.role), options.speed) as served,
        # `make synth` in another terminal deploys the changed code.
        watching(cloud, assembly_folder(), console.print_lines),
    ):
        with cloud.lock:
            console.print_lines(instructions(cloud, served, deployed_names(cloud.outputs)))
        try:
            served.wait()
        except KeyboardInterrupt:
            console.print_lines("\nStopped. Everything was in memory and is deleted.")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM like Ctrl-C."""
    raise KeyboardInterrupt
