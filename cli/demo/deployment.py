"""Starting the offline cloud for a command, with its failures in words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.synthesis import current_assembly
from infrastructure.names import Names
from pocketcloud.cloud import OfflineCloud
from pocketcloud.cloudformation.errors import AssemblyError, DeployError
from pocketcloud.core.engine import UnsupportedOfflineError


@contextmanager
def offline_cloud(*, seed: int, start_at: datetime | None) -> Iterator[OfflineCloud]:
    """The offline cloud with `cdk.out` deployed, synthesised first where that is due."""
    with _started(seed, start_at) as cloud:
        yield cloud


def _started(seed: int, start_at: datetime | None) -> OfflineCloud:
    try:
        return OfflineCloud.start(seed=seed, assembly=current_assembly(), start_at=start_at)
    except AssemblyError as error:
        # Of a traceback, the line that says what happened; `make synth` shows all of it.
        raise CommandError(
            f"cdk.out cannot be used: {str(error).splitlines()[-1]}",
            hint="Run `make synth` and read what it says.",
            code=ExitCode.NOT_SYNTHESISED,
        ) from error
    except (DeployError, UnsupportedOfflineError) as error:
        raise CommandError(
            f"cdk.out cannot be deployed offline: {error}",
            hint="The offline cloud refuses what it would not carry out; see docs/architecture.md.",
            code=ExitCode.NOT_DEPLOYED,
        ) from error


def deployed_names(outputs: Mapping[str, str]) -> Names:
    """The names of whichever stage `cdk.out` was synthesised for, told by the platform's outputs."""
    stage = outputs["IngressBusName"].removeprefix("orderbus-").removesuffix("-ingress-bus")
    return Names(stage)
