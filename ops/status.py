"""`orderbus status`: every hop of a stage at a glance, and the alarms that ring."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from ops.account import LOOK, Account, refusals_said
from ops.exit_codes import ExitCode
from ops.failure import CommandError
from ops.hops import Alarm, Hop, State, alarms_of, depths_of, functions_in, hops_of, measured

COLOURS = {State.OK: "green", State.LATE: "yellow", State.RINGING: "red"}
WIDE = 160


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
    with refusals_said(hint=LOOK):
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
        sys.stdout.write(json.dumps(status.as_json()) + "\n")
    else:
        Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(_shown(status, now))
    return ExitCode.ALARM_RINGS if check and status.ringing else ExitCode.OK


def watch_status(account: Account, clock: Callable[[], datetime], pause: Callable[[], None]) -> ExitCode:
    """Show it again after each pause, until Ctrl-C; where it cannot be seen for once, what was seen last."""
    seen: RenderableType | None = None
    try:
        with Live(console=Console(highlight=False), auto_refresh=False, screen=sys.stdout.isatty()) as live:
            while True:
                now = clock()
                try:
                    now_shown = seen = _shown(status_of(account, now), now)
                except CommandError as error:
                    if seen is None:
                        raise  # more likely the command line's fault than the network's
                    now_shown = Group(seen, *_trouble(error, now))
                live.update(now_shown, refresh=True)
                pause()
    except KeyboardInterrupt:
        return ExitCode.OK


def _trouble(error: CommandError, now: datetime) -> tuple[str, ...]:
    return f"[red]{now:%Y-%m-%d %H:%M:%S} UTC: {escape(str(error))}[/red]", escape(error.hint)


def _shown(status: Status, now: datetime) -> RenderableType:
    table = Table(title=f"{now:%Y-%m-%d %H:%M:%S} UTC; counts of the last five minutes")
    table.add_column("hop")
    for column in ("waiting", "in flight", "oldest", "objective", "dead letters"):
        table.add_column(column, justify="right")
    for column in ("invocations", "errors", "throttles"):
        table.add_column(column, justify="right")
    table.add_column("state")
    for hop in status.hops:
        table.add_row(*_cells(hop), style=COLOURS[hop.state] if hop.state is not State.OK else None)
    said = [f"[red]{alarm.name}[/red]  {alarm.description}" for alarm in status.ringing]
    return Group(table, *(said or ["No alarm rings."]))


def _cells(hop: Hop) -> list[str]:
    seconds = [None if age is None else f"{age:.0f} s" for age in (hop.oldest, hop.objective)]
    cells = [
        *(hop.waiting, hop.in_flight),
        *seconds,
        *(hop.dead_letters, hop.invocations, hop.errors, hop.throttles),
    ]
    figures = ["" if cell is None else str(cell) for cell in cells]
    return [hop.name, *figures, f"[{COLOURS[hop.state]}]{hop.state}[/{COLOURS[hop.state]}]"]
