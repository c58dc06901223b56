"""Show the results of `orderbus dlq`: tables for people, JSON for scripts."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.core.audit import Action
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.dlq.amendment import ValueChange
from cli.dlq.event_label import UNREADABLE
from cli.dlq.execution import ExecutionPlan, ExecutionResult
from cli.dlq.message import REDRIVEN, DeadLetteredMessage, Format
from cli.dlq.search import SearchResult

SHORT_ID_LENGTH = 8
"""Enough of a message's id for a person; `show` and `edit` take the beginning of an id."""
LIMIT_HINT = "--limit sets how many are read; a search ends after five minutes, too."
HEADERS = ("consumer", "reason", "format", "schema", "messages", "oldest (UTC)", "example")
PAST_TENSE = {Action.REDRIVE: "redriven", Action.EDIT: "edited and redriven", Action.PURGE: "purged"}


@dataclass(frozen=True, slots=True, order=True)
class GroupKey:
    """The common properties of a group of messages."""

    consumer: str
    reason: str
    format: Format
    fact: str
    schema: str


Groups = Mapping[GroupKey, Sequence[DeadLetteredMessage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReport:
    """An action on messages, done or only planned."""

    action: Action
    plan: ExecutionPlan
    result: ExecutionResult
    found: SearchResult
    action_id: str


def print_groups(found: SearchResult, *, as_json: bool) -> None:
    """Print the messages by group."""
    groups = _grouped(found.messages)
    if as_json:
        write_json({"groups": _groups_as_json(groups), **_search_as_json(found)})
        return
    console = terminal()
    if groups:
        _print_table(console, groups)
    elif found.looked_at:
        console.print(f"{_none_matches(found)}.")
    elif not found.in_flight:
        console.print("No dead-lettered messages.")
    _print_lines(console, missing_messages(found))


def print_message(message: DeadLetteredMessage, destination: str, *, as_json: bool) -> None:
    """Print one message with its attributes and body."""
    document = _message_as_json(message, destination)
    if as_json:
        write_json(document)
        return
    console = terminal()
    for name, value in document.items():
        if name == "attributes":
            _print_lines(console, (f"  {attribute}: {text}" for attribute, text in value.items()))
        else:
            console.print(f"{name}: {value}")


def print_changes(changes: Iterable[ValueChange]) -> None:
    """Print the changes of an event."""
    rows = [(change.pointer, change.before or "", change.after or "") for change in changes]
    terminal().print_table(("in the event", "before", "after"), rows)


def changes_as_json(changes: Iterable[ValueChange]) -> str:
    """Return the changes for the audit trail."""
    return json.dumps([asdict(change) for change in changes])


def print_report(report: ActionReport, *, done: bool, as_json: bool) -> None:
    """Print what was or would be done, and which messages stay."""
    if as_json:
        write_json(_report_as_json(report, done=done))
        return
    console = terminal()
    if report.plan.messages:
        _print_table(console, _grouped(report.plan.messages))
    counts = Counter(destination.to for destination in report.plan.destinations.values())
    _print_lines(console, (f"{count} to {to}" for to, count in counts.items()))
    for message, reason in report.plan.remaining:
        console.print(f"stays: {message.message_id} of {message.queue.component}: {reason}")
    for message_id in report.result.not_met:
        console.print(f"not received again: {message_id}; another reader holds or has deleted it")
    for message_id in report.result.not_deleted:
        console.print(f"{PAST_TENSE[report.action]}, but not deleted: {message_id}")
    _print_lines(console, missing_messages(report.found))
    console.print(_summary(report, done=done))


def missing_messages(found: SearchResult) -> list[str]:
    """Return a sentence per reason why the search may not have found every message."""
    components = ", ".join(found.cut_short)
    return [
        *([f"There may be more of {components}: {LIMIT_HINT}"] if components else ()),
        *(
            f"{count} of {component} are in flight for up to five minutes; search again after that."
            for component, count in found.in_flight.items()
        ),
    ]


def _grouped(messages: Iterable[DeadLetteredMessage]) -> Groups:
    """Return the messages by group; in each group the oldest first."""
    groups: defaultdict[GroupKey, list[DeadLetteredMessage]] = defaultdict(list)
    for message in sorted(messages, key=lambda message: message.sent_at):
        label = message.label
        key = GroupKey(message.queue.component, message.reason, message.format, label.type, label.dataschema)
        groups[key].append(message)
    return dict(sorted(groups.items()))


def _groups_as_json(groups: Groups) -> list[dict[str, Any]]:
    """Return the groups without personal data: of an event only its fact."""
    return [
        {
            **asdict(key),
            "count": len(messages),
            "oldest": messages[0].sent_at.isoformat(),
            "redriven": max(message.redriven for message in messages),
            "messages": [message.message_id for message in messages],
        }
        for key, messages in groups.items()
    ]


def _message_as_json(message: DeadLetteredMessage, destination: str) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "queue": message.queue.name,
        "consumer": message.queue.component,
        "format": message.format,
        "reason": message.reason,
        "fact": message.label.type,
        "schema": message.label.dataschema,
        "event_id": message.label.id,
        "order": message.label.order,
        **({"records": message.discarded.places} if message.discarded else {}),
        "sent_at": message.sent_at.isoformat(),
        "redriven": message.redriven,
        "last_action": message.attributes.get(REDRIVEN, UNREADABLE).partition("/")[0],
        "goes_back_to": destination,
        "attributes": dict(message.attributes),
        "body": message.body,
    }


def _report_as_json(report: ActionReport, *, done: bool) -> dict[str, Any]:
    plan, result = report.plan, report.result
    return {
        "action": report.action,
        "action_id": report.action_id if done and plan.messages else None,
        "planned": [
            {"message_id": message.message_id, "consumer": message.queue.component, "to": _to(plan, message)}
            for message in plan.messages
        ],
        "done": result.done,
        "left": [
            {"message_id": message.message_id, "consumer": message.queue.component, "why": reason}
            for message, reason in plan.remaining
        ],
        "not_met": result.not_met,
        "not_deleted": result.not_deleted,
        **_search_as_json(report.found),
    }


def _search_as_json(found: SearchResult) -> dict[str, Any]:
    return {
        "cut_short": list(found.cut_short),
        "in_flight": dict(found.in_flight),
        "looked_at": found.looked_at,
    }


def _to(plan: ExecutionPlan, message: DeadLetteredMessage) -> str:
    destination = plan.destinations.get(message.message_id)
    return destination.to if destination else ""


def _summary(report: ActionReport, *, done: bool) -> str:
    planned, past_tense = len(report.plan.messages), PAST_TENSE[report.action]
    if not report.found.messages and report.found.looked_at:
        return f"{_none_matches(report.found)}: there is nothing to do."
    if not planned:
        return "There is nothing to do."
    if not done:
        return f"{planned} would be {past_tense}. Nothing was changed. Add --yes to do it."
    return (
        f"{len(report.result.done)} of {planned} {past_tense}; action {report.action_id} in the audit trail."
    )


def _none_matches(found: SearchResult) -> str:
    return f"None of {found.looked_at} dead-lettered messages matches"


def _print_table(console: Terminal, groups: Groups) -> None:
    rows = []
    for key, messages in groups.items():
        first = messages[0]
        # The name of a schema begins with its owner and its fact.
        schema = key.fact if key.schema == UNREADABLE else key.schema.rpartition(":schema:")[2]
        cells = [key.consumer, key.reason, key.format, schema, str(len(messages))]
        cells += [f"{first.sent_at:%Y-%m-%d %H:%M:%S}", first.message_id[:SHORT_ID_LENGTH]]
        rows.append(cells)
    console.print_table(HEADERS, rows)


def _print_lines(console: Terminal, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line)
