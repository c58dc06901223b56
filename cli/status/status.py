"""`orderbus status`: the health of every component, and the alarms that fire."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, styled, terminal, write_json
from cli.status.components import Component, State, components_of
from cli.status.metrics import AlarmStatus, alarms_of, depths_of, functions_of, metric_values
from infrastructure.topology import TOPOLOGY

COLOURS = {State.OK: "green", State.LATE: "yellow", State.ALARM: "red"}
HEADERS = (
    "component",
    "wait-\ning",
    "in\nflight",
    "oldest\nof limit",
    "DLQ",
    "calls",
    "errors",
    "throt-\ntled",
    "state",
)
NUMBERS = frozenset(range(1, 8))
"""The columns of numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatus:
    """The components of a stage, and its alarms that fire."""

    components: list[Component]
    firing: list[AlarmStatus]

    def as_json(self) -> dict[str, Any]:
        """Return one JSON object."""
        return {
            "hops": [_as_json(each) for each in self.components],
            "firing": [{"name": alarm.name, "description": alarm.description} for alarm in self.firing],
        }


def status_of(account: Account, now: datetime) -> StageStatus:
    """Return the status of the stage; raise CommandError if there is no such stage."""
    with aws_errors(hint=LOOK):
        cloudwatch = account.client("cloudwatch")
        depths = depths_of(account.client("sqs"), account.names)
        alarms = alarms_of(cloudwatch, account.names)
        queues = [name for name in depths if not name.endswith("-dlq")]
        functions = functions_of(account.names, alarms)
        values = metric_values(
            cloudwatch, queues, functions.union(TOPOLOGY.function_names(account.names)), now
        )
    if not depths:
        raise CommandError(f"There is no stage {account.stage} here.", hint=LOOK, code=ExitCode.AWS_REFUSED)
    components = components_of(depths, functions, alarms, values)
    return StageStatus(components=components, firing=[alarm for alarm in alarms if alarm.fires])


def show_status(account: Account, now: datetime, *, as_json: bool, check: bool) -> ExitCode:
    """Print the status once."""
    status = status_of(account, now)
    if as_json:
        write_json(status.as_json())
    else:
        console = terminal()
        for line in _rendered(console, account, status, now):
            console.print(line)
    return ExitCode.IN_ALARM if check and status.firing else ExitCode.OK


def watch_status(account: Account, clock: Callable[[], datetime], pause: Callable[[], None]) -> ExitCode:
    """Print the status again after each pause, until Ctrl-C; after an error, the last one and the error."""
    console = terminal()
    last: list[RenderableType] = []
    try:
        with _display(console) as show:
            while True:
                now = clock()
                try:
                    lines = last = _rendered(console, account, status_of(account, now), now)
                except CommandError as error:
                    if not last:
                        raise  # probably a mistake on the command line
                    lines = [*last, *_rendered_error(error, now)]
                show(lines)
                pause()
    except KeyboardInterrupt:
        return ExitCode.OK


@contextmanager
def _display(console: Terminal) -> Iterator[Callable[[list[RenderableType]], None]]:
    """Replace the content of a terminal; write each refresh to a pipe below the last one."""
    if not console.is_terminal:

        def write(lines: list[RenderableType]) -> None:
            for line in lines:
                console.print(line)
            console.file.flush()

        yield write
        return
    with Live(console=console, auto_refresh=False, screen=True) as live:
        yield lambda lines: live.update(Group(*lines), refresh=True)


def _rendered_error(error: CommandError, now: datetime) -> tuple[RenderableType, ...]:
    return styled((f"{now:%Y-%m-%d %H:%M:%S} UTC: {error}", "red")), styled(error.hint)


def _rendered(
    console: Terminal, account: Account, status: StageStatus, now: datetime
) -> list[RenderableType]:
    styles = {
        row: COLOURS[component.state]
        for row, component in enumerate(status.components)
        if component.state is not State.OK
    }
    rows = [_cells(component, f"{account.names.prefix}-") for component in status.components]
    alarms = [styled((alarm.name, "red"), f"  {alarm.description}") for alarm in status.firing]
    return [
        styled((f"Stage {account.stage}, {now:%Y-%m-%d %H:%M:%S} UTC", "italic")),
        styled(("Calls, errors and throttles of the last five minutes.", "italic")),
        console.table(HEADERS, rows, styles=styles, right=NUMBERS),
        *(alarms or [styled("No alarm fires.")]),
    ]


def _cells(component: Component, prefix: str) -> list[str]:
    figures = (
        component.waiting,
        component.in_flight,
        _age(component),
        component.dead_letters,
        component.invocations,
        component.errors,
        component.throttles,
    )
    cells = ["" if figure is None else str(figure) for figure in figures]
    return [component.name.removeprefix(prefix), *cells, component.state]


def _as_json(component: Component) -> dict[str, Any]:
    return {**asdict(component), "state": component.state}


def _age(component: Component) -> str | None:
    """Return the age and its limit, as in `3/900 s`."""
    if component.oldest is None and component.objective is None:
        return None
    age = "-" if component.oldest is None else f"{component.oldest:.0f}"
    limit = "" if component.objective is None else f"/{component.objective:.0f}"
    return f"{age}{limit} s"
