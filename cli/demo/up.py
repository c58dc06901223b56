"""`orderbus up`: the offline cloud on 127.0.0.1, for curl, boto3 and the AWS command line."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import FrameType

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal
from cli.demo.deployment import deployed_names, offline_cloud
from cli.demo.deployment import seed as seed_tables
from cli.demo.instructions import instructions
from cli.demo.sample_orders import PLENTY, PRICES
from pocketcloud.cloud import OfflineCloud
from pocketcloud.serving.server import PortError, PortInUseError, Ports, open_ports, serve_on
from pocketcloud.virtual_time.latency import Latency


def up(*, aws_port: int, http_port: int, seed: int, latency: Latency) -> ExitCode:
    """Serve until Ctrl-C."""
    console = terminal()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell script lets its background jobs ignore SIGINT.
        signal.signal(number, _interrupt)
    with _ports(aws_port, http_port) as ports:
        console.print("Deploying cdk.out into the offline cloud …")
        with offline_cloud(seed=seed, start_at=datetime.now(UTC), latency=latency) as cloud:
            seed_tables(cloud, deployed_names(cloud.outputs), PRICES, dict.fromkeys(PRICES, PLENTY))
            _serve(cloud, console, ports)
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


def _serve(cloud: OfflineCloud, console: Terminal, ports: Ports) -> None:
    with serve_on(ports, cloud) as served:
        with cloud.lock:
            console.print_lines(instructions(cloud, served, deployed_names(cloud.outputs)))
        try:
            served.wait()
        except KeyboardInterrupt:
            console.print_lines("\nStopped. Everything was in memory and is deleted.")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM like Ctrl-C."""
    raise KeyboardInterrupt
