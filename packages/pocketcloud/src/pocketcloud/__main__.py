"""Command line: `python -m pocketcloud up --assembly cdk.out` and `python -m pocketcloud supported`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

from pocketcloud.cloud import ASSEMBLY, OfflineCloud
from pocketcloud.cloudformation.errors import AssemblyError, DeployError
from pocketcloud.core.engine import REGION, UnsupportedOfflineError
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.serving.assembly_watch import watching
from pocketcloud.serving.chosen_caller import find_caller
from pocketcloud.serving.server import PortInUseError, Served, serve
from pocketcloud.supported import page
from pocketcloud.virtual_time.latency import MAX_SPEED, Latency


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    if options.command == "supported":
        print(page(), end="")
        return 0
    try:
        return _up(options)
    except (AssemblyError, DeployError, PortInUseError, UnknownRoleError, UnsupportedOfflineError) as error:
        print(f"pocketcloud: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketcloud", description="Run a synthesized CDK app in one process."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="deploy an assembly and serve it on 127.0.0.1 until Ctrl-C")
    up.add_argument("--assembly", type=Path, default=ASSEMBLY, help="the folder that `cdk synth` wrote")
    up.add_argument("--aws-port", type=int, default=4566, help="port of the AWS endpoint")
    up.add_argument("--http-port", type=int, default=8080, help="port of the deployed HTTP API")
    up.add_argument(
        "--latency",
        type=Latency,
        choices=tuple(Latency),
        default=Latency.PUBLISHED,
        help="delay deliveries between services by AWS's published latencies, or not at all",
    )
    up.add_argument(
        "--speed",
        type=_speed,
        default=1,
        metavar="TIMES",
        help=f"let the cloud's time pass this many times as fast as real time, 1 to {MAX_SPEED}",
    )
    up.add_argument(
        "--stub",
        action="append",
        default=[],
        metavar="TYPE",
        help="deploy resources of this unsupported type as placeholders, every use of which fails",
    )
    up.add_argument(
        "--as",
        dest="role",
        metavar="ROLE",
        help="give clients the permissions of this role: an ARN, a name, or a logical id of the template",
    )
    commands.add_parser("supported", help="print what is supported, as Markdown")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 1 <= speed <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MAX_SPEED}")
    return speed


def _up(options: argparse.Namespace) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell script lets its background jobs ignore SIGINT.
        signal.signal(number, _interrupt)
    with (
        OfflineCloud.start(
            assembly=options.assembly,
            start_at=datetime.now(UTC),
            latency=options.latency,
            stubs=options.stub,
        ) as cloud,
        serve(
            cloud,
            aws_port=options.aws_port,
            http_port=options.http_port,
            caller=find_caller(cloud, options.role),
            speed=options.speed,
        ) as served,
        watching(cloud, options.assembly, partial(print, flush=True)),
    ):
        try:
            print(f"AWS endpoint: {served.aws_url} (region {REGION}, any credentials)", flush=True)
            for line in _address_lines(served):
                print(line, flush=True)
            served.wait()
        except KeyboardInterrupt:
            print("Stopped. All data was in memory and is lost.")
    return 0


def _address_lines(served: Served) -> list[str]:
    """Return where each HTTP endpoint is served; if none is deployed, where one would be."""
    addresses = served.addresses()
    if [each.kind for each in addresses] in ([], ["HTTP API"]):
        return [f"HTTP API:     {served.http_url}"]
    return [f"{f'{each.kind}:':<13} {each.url} ({each.name})" for each in addresses]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
