"""`orderbus dlq log`: show the audit trail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import BEGINNING, Action, read_audit_trail
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json

FACT_ACTIONS = frozenset({Action.REPLAY, Action.REPUBLISH})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSelection:
    """The rows to show; by default all."""

    action: str = ""
    """The beginning of the action's id."""
    order: str | None = None

    def matches(self, row: Mapping[str, str]) -> bool:
        """Return whether to show the row."""
        return row["action_id"].startswith(self.action) and self.order in {None, row.get("subject")}


def show_audit_log(account: Account, selection: AuditSelection, *, as_json: bool) -> ExitCode:
    """Show who did what to which message and when, the latest last."""
    with aws_errors(hint=LOOK):
        rows = read_audit_trail(account.client("dynamodb"), account.names)
    selected = [row for row in rows if selection.matches(row)]
    if as_json:
        write_json({"entries": [_as_json(row) for row in selected]})
        return ExitCode.OK
    console = terminal()
    for line in map(_line, selected) if selected else ("The audit trail is empty.",):
        console.print(line)
    return ExitCode.OK


def _as_json(row: Mapping[str, str]) -> dict[str, str]:
    details = {name: value for name, value in row.items() if name != "entry"}
    entry = row["entry"]
    subject = {"type": BEGINNING} if entry == BEGINNING else {"type": "message", "message_id": entry}
    return {**details, **subject}


def _line(row: Mapping[str, str]) -> str:
    if row["entry"] == BEGINNING:
        items = "facts" if row["action"] in FACT_ACTIONS else "messages"
        action = f"{row['action']} by {row['by']}, {items}: {row['count']}, selected: {row['selected']}"
        return f"{row['at'][:19]}Z {row['action_id']} {action}"
    changes = ", ".join(change["pointer"] for change in json.loads(row.get("difference", "[]")))
    event = f"{row['fact']} {row['subject']} of {row['queue']} ({row['reason']})"
    return f"  {row['entry']} {event} to {row['to']}{changes and f', changed: {changes}'}"
