"""`orderbus dlq log`: the audit trail, for a person or a script."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cli.core.account import LOOK, Account, aws_errors
from cli.core.audit import BEGINNING, Deed, entries
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries are asked for; nothing given means all."""

    action: str = ""
    """How the action's id begins."""
    order: str | None = None

    def takes(self, entry: Mapping[str, str]) -> bool:
        """Whether this one is."""
        return entry["action_id"].startswith(self.action) and self.order in {None, entry.get("subject")}


def show_trail(account: Account, asked: Asked, *, as_json: bool) -> ExitCode:
    """Say who did what to which dead letter and when, the latest last."""
    with aws_errors(hint=LOOK):
        found = [entry for entry in entries(account.client("dynamodb"), account.names) if asked.takes(entry)]
    if as_json:
        write_json({"entries": found})
        return ExitCode.OK
    console = terminal()
    for line in map(_line, found) if found else ("Nothing was done.",):
        console.print(line)
    return ExitCode.OK


def _line(entry: Mapping[str, str]) -> str:
    if entry["entry"] == BEGINNING:
        messages = "facts" if entry["deed"] in {Deed.REPLAY, Deed.REPUBLISH} else "letters"
        count, selected = entry["letters"], entry["selected"]
        done = f"{entry['deed']} by {entry['by']}, {messages}: {count}, selected: {selected}"
        return f"{entry['at'][:19]}Z {entry['action_id']} {done}"
    changes = ", ".join(change["pointer"] for change in json.loads(entry.get("difference", "[]")))
    what = f"{entry['fact']} {entry['subject']} of {entry['queue']} ({entry['reason']})"
    return f"  {entry['entry']} {what} to {entry['to']}{changes and f', changed: {changes}'}"
