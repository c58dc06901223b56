"""`orderbus status`: every hop of a stage at a glance, and the alarms that ring."""

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
from cli.status.components import Alarm, Hop, State, alarms_of, depths_of, functions_in, hops_of, measured

COLOURS = {State.OK: "green", State.LATE: "yellow", State.RINGING: "red"}
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
"""Columns of numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A stage at one moment."""

    hops: list[Hop]
    ringing: list[Alarm]

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "hops": [{**asdict(hop), "state": hop.state} for hop in self.hops],
            "ringing": [{"name": alarm.name, "description": alarm.description} for alarm in self.ringing],
        }


def status_of(account: Account, now: datetime) -> Status:
    """How the stage does; a CommandError where there is none."""
    with aws_errors(hint=LOOK):
        cloudwatch = account.client("cloudwatch")
        depths = depths_of(account.client("sqs"), account.names)
        alarms = alarms_of(cloudwatch, account.names)
        queues = [name for name in depths if not name.endswith("-dlq")]
        figures = measured(cloudwatch, queues, functions_in(alarms), now)
    if not depths:
        raise CommandError(f"There is no stage {account.stage} here.", hint=LOOK, code=ExitCode.AWS_REFUSED)
    return Status(hops=hops_of(depths, alarms, figures), ringing=[alarm for alarm in alarms if alarm.rings])


def show_status(account: Account, now: datetime, *, as_json: bool, check: bool) -> ExitCode:
    """Show how the stage does, once."""
    status = status_of(account, now)
    if as_json:
        write_json(status.as_json())
    else:
        console = terminal()
        for line in _shown(console, account, status, now):
            console.print(line)
    return ExitCode.IN_ALARM if check and status.ringing else ExitCode.OK


def watch_status(account: Account, clock: Callable[[], datetime], pause: Callable[[], None]) -> ExitCode:
    """Show it again after each pause, until Ctrl-C; where it cannot be seen for once, what was seen last."""
    console = terminal()
    seen: list[RenderableType] = []
    try:
        with _screen(console) as show:
            while True:
                now = clock()
                try:
                    shown = seen = _shown(console, account, status_of(account, now), now)
                except CommandError as error:
                    if not seen:
                        raise  # more likely the command line's fault than the network's
                    shown = [*seen, *_failed_look(error, now)]
                show(shown)
                pause()
    except KeyboardInterrupt:
        return ExitCode.OK


@contextmanager
def _screen(console: Terminal) -> Iterator[Callable[[list[RenderableType]], None]]:
    """Replace what a terminal shows; a pipe gets every look at once, the one below the other."""
    if not console.is_terminal:

        def write(lines: list[RenderableType]) -> None:
            for line in lines:
                console.print(line)
            console.file.flush()

        yield write
        return
    with Live(console=console, auto_refresh=False, screen=True) as live:
        yield lambda lines: live.update(Group(*lines), refresh=True)


def _failed_look(error: CommandError, now: datetime) -> tuple[RenderableType, ...]:
    return styled((f"{now:%Y-%m-%d %H:%M:%S} UTC: {error}", "red")), styled(error.hint)


def _shown(console: Terminal, account: Account, status: Status, now: datetime) -> list[RenderableType]:
    styles = {n: COLOURS[hop.state] for n, hop in enumerate(status.hops) if hop.state is not State.OK}
    prefix = f"{account.names.prefix}-"
    rows = [_cells(hop, prefix) for hop in status.hops]
    table = console.table(HEADERS, rows, styles=styles, right=NUMBERS)
    alarms = [styled((alarm.name, "red"), f"  {alarm.description}") for alarm in status.ringing]
    title = f"Stage {account.stage}, {now:%Y-%m-%d %H:%M:%S} UTC"
    counts = "Calls, errors and throttles are of the last five minutes."
    return [
        styled((title, "italic")),
        styled((counts, "italic")),
        table,
        *(alarms or [styled("No alarm rings.")]),
    ]


def _cells(hop: Hop, prefix: str) -> list[str]:
    limit = "" if hop.objective is None else f"/{hop.objective:.0f}"
    age = (
        f"{'-' if hop.oldest is None else f'{hop.oldest:.0f}'}{limit} s"
        if limit or hop.oldest is not None
        else ""
    )
    counts = (hop.waiting, hop.in_flight, age, hop.dead_letters, hop.invocations, hop.errors, hop.throttles)
    figures = ["" if cell is None else str(cell) for cell in counts]
    return [hop.name.removeprefix(prefix), *figures, hop.state]
