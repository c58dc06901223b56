"""`orderbus restore state`: show or write what the tables lack of the event log."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import Action, AuditTrail
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.restore.state import StatePlan, plan, write
from cli.restore.traffic import running_consumers

SHOWN = 20
NEXT = "Then: orderbus restore start, and orderbus republish from before the earliest time that was restored."
STRANGER = (
    "{} has no creation in the event log. Money may have been taken: find it at the payment provider by the"
    " order's id."
)
UNEXPLAINED = "{}: the event log lacks a delivery of it; its stock was left alone. Count it."
UNREADABLE = "cannot be read: {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRequest:
    """When, under which id in the audit trail, and whether to write."""

    now: datetime
    action_id: str
    confirmed: bool


def restore_state(account: Account, request: StateRequest, *, as_json: bool) -> ExitCode:
    """Compare the tables with the event log; if confirmed, write the differences."""
    with aws_errors(hint=LOOK):
        if request.confirmed and (running := running_consumers(account)):
            raise CommandError(
                f"{', '.join(running)} may change the tables meanwhile.",
                hint="Run `orderbus restore stop --yes` first. Nothing was written.",
                code=ExitCode.USAGE,
            )
        dynamodb = account.client("dynamodb")
        found = plan(dynamodb, account.names, request.now)
        overtaken: list[str] = []
        if request.confirmed and found.changes:
            trail = AuditTrail.of(account, Action.RESTORE, action_id=request.action_id, at=request.now)
            trail.begin("state", len(found.changes))
            overtaken = write(dynamodb, account.names, found.changes)
    report = _report(found, overtaken, done=request.confirmed)
    if as_json:
        write_json(report)
    else:
        _print(found, overtaken, done=request.confirmed)
    return ExitCode.OK if found.is_complete and not overtaken else ExitCode.INCOMPLETE


def _report(found: StatePlan, overtaken: list[str], *, done: bool) -> dict[str, Any]:
    changes = [{"table": change.table, "change": change.says} for change in found.changes]
    left = {name: value for name, value in asdict(found).items() if name != "changes"}
    return {"changes": changes, **left, "overtaken": overtaken, "done": done}


def _print(found: StatePlan, overtaken: list[str], *, done: bool) -> None:
    console = terminal()
    counts = Counter(change.table for change in found.changes)
    for table, count in counts.items():
        console.print(f"{table}: {count} rows differ from the event log")
        for change in [each for each in found.changes if each.table == table][:SHOWN]:
            console.print(f"  {change.says}")
    for line, names in (
        (STRANGER, found.strangers),
        (UNEXPLAINED, found.unexplained),
        (UNREADABLE, found.unreadable),
        ("{}: a function changed the row meanwhile; run the command again", overtaken),
    ):
        for name in names:
            console.print(line.format(name))
    if not found.changes:
        console.print("The tables say what the event log says.")
    elif done:
        console.print(f"Wrote {len(found.changes) - len(overtaken)} rows. {NEXT}")
    else:
        console.print("Nothing was written. Add --yes to write them.")
