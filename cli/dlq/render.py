"""What `orderbus dlq` says: tables for a person, JSON for a script."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from cli.core.audit import Deed
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.dlq.amendment import Change
from cli.dlq.event_label import UNREADABLE
from cli.dlq.execution import Outcome
from cli.dlq.groups import Groups, grouped, groups_as_json, shown
from cli.dlq.message import DeadLetter
from cli.dlq.search import Found, Plan

SHORT = 8
"""How much of a message's id a person needs; `show` and `edit` take the beginning of one."""
HOW_MANY = (
    "--limit says how many are looked at; a look of over five minutes ends when it meets the same again."
)
HEADERS = ("consumer", "reason", "format", "schema", "messages", "oldest (UTC)", "one of them")
DONE = {Deed.REDRIVE: "put back", Deed.EDIT: "edited and put back", Deed.PURGE: "purged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An action, or what would be one, and all there is to say about it."""

    deed: Deed
    plan: Plan
    outcome: Outcome
    found: Found
    action_id: str


def say_groups(found: Found, *, as_json: bool) -> None:
    """The dead letters, group by group."""
    groups = grouped(found.letters)
    if as_json:
        write_json({"groups": groups_as_json(groups), **_looked_at(found)})
        return
    console = terminal()
    if groups:
        _print_groups(console, groups)
    elif found.looked_at:
        console.print(f"{none_of(found.looked_at)}.")
    elif not found.in_flight:
        console.print("No dead letters.")
    _say_unseen(console, found)


def say_letter(letter: DeadLetter, way: str, *, as_json: bool) -> None:
    """One dead letter, whole."""
    facts = shown(letter, way)
    if as_json:
        write_json(facts)
        return
    console = terminal()
    for name, value in facts.items():
        if name == "attributes":
            for attribute, said in value.items():
                console.print(f"  {attribute}: {said}")
        else:
            console.print(f"{name}: {value}")


def say_changes(changes: Iterable[Change]) -> None:
    """What an edit changes in the event."""
    rows = [(change.pointer, change.before or "", change.after or "") for change in changes]
    terminal().print_table(("in the event", "was", "becomes"), rows)


def changes_as_json(changes: Iterable[Change]) -> str:
    """The same for the audit trail."""
    return json.dumps([asdict(change) for change in changes])


def say_outcome(said: Said, *, done: bool, as_json: bool) -> None:
    """What was done, or would be, and what stays and why."""
    if as_json:
        write_json(_outcome(said, done=done))
        return
    console = terminal()
    if said.plan.letters:
        _print_groups(console, grouped(said.plan.letters))
    for to, count in Counter(way.to for way in said.plan.ways.values()).items():
        console.print(f"{count} to {to}")
    for letter, why in said.plan.left:
        console.print(f"stays: {letter.message_id} of {letter.box.hop.name}: {why}")
    for message_id in said.outcome.not_met:
        console.print(f"not met again: {message_id}; somebody else has it, or had")
    for message_id in said.outcome.not_deleted:
        console.print(f"{DONE[said.deed]}, but not deleted: {message_id}")
    _say_unseen(console, said.found)
    console.print(_sentence(said, done=done))


def _sentence(said: Said, *, done: bool) -> str:
    planned, words = len(said.plan.letters), DONE[said.deed]
    if not said.found.letters and said.found.looked_at:
        return f"{none_of(said.found.looked_at)}: there is nothing to do."
    if not planned:
        return "There is nothing to do."
    if not done:
        return f"{planned} would be {words}. Nothing was done. Say --yes to do it."
    return f"{len(said.outcome.done)} of {planned} {words}; in the audit trail as {said.action_id}."


def _outcome(said: Said, *, done: bool) -> dict[str, Any]:
    plan, outcome = said.plan, said.outcome
    return {
        "deed": said.deed,
        "action_id": said.action_id if done and plan.letters else None,
        "planned": [
            {"message_id": letter.message_id, "consumer": letter.box.hop.name, "to": to}
            for letter, to in ((each, _to(plan, each)) for each in plan.letters)
        ],
        "done": outcome.done,
        "left": [
            {"message_id": letter.message_id, "consumer": letter.box.hop.name, "why": why}
            for letter, why in plan.left
        ],
        "not_met": outcome.not_met,
        "not_deleted": outcome.not_deleted,
        **_looked_at(said.found),
    }


def _looked_at(found: Found) -> dict[str, Any]:
    return {
        "cut_short": list(found.cut_short),
        "in_flight": dict(found.in_flight),
        "looked_at": found.looked_at,
    }


def _print_groups(console: Terminal, groups: Groups) -> None:
    rows = []
    for alike, letters in groups.items():
        first = letters[0]
        # A schema's name begins with its owner and its fact.
        schema = alike.fact if alike.schema == UNREADABLE else alike.schema.rpartition(":schema:")[2]
        cells = [alike.consumer, alike.reason, alike.format, schema, str(len(letters))]
        cells += [f"{first.sent_at:%Y-%m-%d %H:%M:%S}", first.message_id[:SHORT]]
        rows.append(cells)
    console.print_table(HEADERS, rows)


def _to(plan: Plan, letter: DeadLetter) -> str:
    way = plan.ways.get(letter.message_id)
    return way.to if way else ""


def none_of(letters: int) -> str:
    """What to say where there are letters, and none of them was asked for."""
    return f"None of {letters} dead letters is meant"


def unseen(found: Found) -> list[str]:
    """What there is, or may be, besides what was looked at."""
    hops = ", ".join(found.cut_short)
    return [
        *([f"There may be more of {hops}: {HOW_MANY}"] if hops else ()),
        *(
            f"{count} of {hop} are in somebody's hands, for up to five minutes: look again then."
            for hop, count in found.in_flight.items()
        ),
    ]


def _say_unseen(console: Terminal, found: Found) -> None:
    for line in unseen(found):
        console.print(line)
