"""The reports of `orderbus schema check`, as text and as JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cli.core.terminal_text import Terminal
from cli.schema.check import Change, Mode, SchemaReport
from cli.schema.compatibility.verdict import Broken, Comparison, Unknown
from cli.schema.readers import FieldReaders, field_at, readers_of
from cli.schema.schema_name import SchemaName

MEANING = {
    "backward": "a consumer with the new schema rejects an event that was valid",
    "forward": "a consumer with the released schema rejects an event that is valid now",
}


def report_as_json(report: SchemaReport, mode: Mode, readers: FieldReaders | None) -> dict[str, Any]:
    """Return one schema's report."""
    return {
        "schema": str(report.name),
        "passes": report.passes(mode),
        "removed": report.is_removed,
        "next_version": report.next_version,
        "changes": [
            {
                "release": change.ref,
                "backward": _comparison_as_json(report.name, change.backward, readers),
                "forward": _comparison_as_json(report.name, change.forward, readers),
            }
            for change in report.changes
        ],
    }


def print_report(console: Terminal, report: SchemaReport, mode: Mode, readers: FieldReaders | None) -> None:
    """Print one schema's report: one line if it passes."""
    passes = report.passes(mode)
    console.print(f"{report.name}: {_verdict(report, mode)}", style=None if passes else "red")
    if report.is_removed:
        console.print("  Archived events are valid under it alone: restore the file.")
    for change in report.changes:
        for line in _lines(report.name, change, mode, readers):
            console.print_lines(line)
    if not passes and not report.is_removed:
        new = SchemaName(report.name.owner, report.name.event, report.next_version)
        console.print(f"  Restore {report.name}, write the change to {new}, and upcast the old version.")


def print_steps(console: Terminal, steps: Sequence[tuple[SchemaName, Comparison]]) -> None:
    """Print for each new version whether events of the one before need an upcaster."""
    for name, step in steps:
        if isinstance(step, Broken):
            needs = f"needs an upcaster from v{name.version - 1}: {_place(name, step)}: {step.reason}"
        else:
            word = "UNKNOWN" if isinstance(step, Unknown) else "yes"
            needs = f"reads v{name.version - 1} without an upcaster: {word}"
        console.print_lines(f"{name} {needs}")


def _verdict(report: SchemaReport, mode: Mode) -> str:
    if report.is_removed:
        return "REMOVED"
    if report.passes(mode):
        return f"{mode} compatible; v{report.name.version} may stay"
    failing = [getattr(change, each) for change in report.changes for each in mode.directions]
    return "BROKEN" if any(isinstance(each, Broken) for each in failing) else "UNKNOWN"


def _lines(name: SchemaName, change: Change, mode: Mode, readers: FieldReaders | None) -> Iterator[str]:
    for direction in mode.directions:
        match getattr(change, direction):
            case Unknown(reason):
                yield f"  {direction}, against {change.ref}: UNKNOWN, so it counts as broken"
                yield f"    {reason}"
            case Broken() as broken:
                yield f"  {direction}, against {change.ref}:"
                yield f"    {MEANING[direction]}"
                yield f"    {_place(name, broken)}: {broken.reason}"
                yield f"    {_who(name, broken, readers)}"
                yield f"    instance: {json.dumps(broken.instance)}"


def _who(name: SchemaName, broken: Broken, readers: FieldReaders | None) -> str:
    if readers is None:
        return "schemas/readers.json is missing: who reads it is unknown"
    found = readers_of(readers, name.event, _place(name, broken))
    if found:
        return f"read by {', '.join(found)}"
    every = ", ".join(sorted(readers.get(name.event, {})))
    return f"nobody reads it; decoded with the rest by {every or 'nobody'}"


def _place(name: SchemaName, broken: Broken) -> str:
    return field_at(broken.path) if name.owner else field_at(broken.path).removeprefix("data.")


def _comparison_as_json(
    name: SchemaName, comparison: Comparison, readers: FieldReaders | None
) -> dict[str, Any]:
    match comparison:
        case Broken(instance, _, reason):
            field = _place(name, comparison)
            known = None if readers is None else readers_of(readers, name.event, field)
            shown = {"field": field, "reason": reason, "readers": known, "instance": instance}
            return {"verdict": "broken", **shown}
        case Unknown(reason):
            return {"verdict": "unknown", "reason": reason}
    return {"verdict": "compatible"}
