"""Write the tables of the docs that come from the code: `python -m tests.docs.generated`."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.deployer.handlers import read_handlers
from infrastructure.topology import FACTS, consumers_of
from tests.docs.cost_tables import COST_TABLES, Rows
from tests.simulation.mutants.catalogue import MUTANTS
from tests.simulation.mutants.of_the_heartbeat import HEARTBEAT_MUTANTS
from tests.workflow.runbook import sections

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
SETTINGS = DOCS / "settings.md"
MAPPINGS = {"hot_skus", "publish_versions", "accept_older_until"}
"""Settings whose value is an object with keys of its own."""
_TABLE = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n)(?P<rows>.*?)(<!-- end -->)", re.DOTALL)
_SETTING = re.compile(r"^\| `([\w.]+)` \|.*\| (.*?) \|$", re.MULTILINE)
_TITLE = re.compile(r"# (?P<number>\d{4})\. (?P<title>.+)")


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    columns = list(headers)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def events() -> str:
    """Return who publishes and consumes each event."""
    return table(("event", "published by", "consumed by", "meaning"), map(_event, FACTS))


def _event(fact: Any) -> tuple[str, ...]:
    schema = f"schemas/{fact.owner}/{fact.name}.v{fact.version}.json"
    meaning = json.loads((ROOT / schema).read_text())["description"]
    consumers = ", ".join(service.name for service in consumers_of(fact.name)) or "other accounts"
    return f"[`{fact.name}`](../{schema})", fact.owner, consumers, meaning


def older_versions() -> str:
    """Return the older versions of each event, with the last day on which each may be published."""
    rows = (
        (f"`{fact.name}`", f"v{major}", f"v{fact.version}", last_day)
        for fact in FACTS
        for major, last_day in fact.older_until.items()
    )
    return table(("event", "older version", "latest", "last day of the older one"), rows)


def settings() -> str:
    """Return every setting of a stage, with its value in each stage; the page itself has the meanings."""
    stages = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]
    values = {stage: dict(_leaves(tree)) for stage, tree in stages.items()}
    meanings = dict(_SETTING.findall(SETTINGS.read_text()))
    rows = (
        (f"`{name}`", *(f"`{json.dumps(values[stage][name])}`" for stage in stages), meanings.get(name, ""))
        for name in next(iter(values.values()))
    )
    return table(("setting", *(f"`{stage}`" for stage in stages), "meaning"), rows)


def _leaves(tree: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value and key not in MAPPINGS:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def alarms() -> str:
    """Return every kind of alarm, with its severity and its alarms' names."""
    return table(("alarm", "severity", "runbook"), map(_alarm, AlarmKind))


def _alarm(kind: AlarmKind) -> tuple[str, ...]:
    section = sections()[kind]
    names = re.findall(r"`orderbus-STAGE-([^`]+)`", section.heading)
    return ", ".join(f"`{name}`" for name in names), section.severity, f"[{kind}](runbook.md#{kind})"


def routes() -> str:
    """Return the routes of the HTTP API."""
    rows = (
        (f"`{method.upper()} {path}`", operation["summary"], ", ".join(operation["responses"]))
        for path, methods in _openapi()["paths"].items()
        for method, operation in methods.items()
    )
    return table(("route", "", "status codes"), rows)


def problems() -> str:
    """Return the problem codes of the HTTP API by status."""
    codes: dict[str, set[str]] = defaultdict(set)
    for methods in _openapi()["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                codes[status] |= set(_codes(response))
    rows = ((status, ", ".join(f"`{code}`" for code in sorted(codes[status]))) for status in sorted(codes))
    return table(("status", "codes"), (row for row in rows if row[1]))


def _codes(response: dict[str, Any]) -> Iterator[str]:
    problem = response.get("content", {}).get("application/problem+json", {})
    for part in problem.get("schema", {}).get("allOf", ()):
        yield from part.get("properties", {}).get("code", {}).get("enum", ())


def _openapi() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "schemas" / "openapi.json").read_text())
    return document


def decisions() -> str:
    """Return the decision records by number."""
    return table(("", "decision"), map(_decision, sorted(DECISIONS.glob("0*.md"))))


def _decision(path: Path) -> tuple[str, ...]:
    title = _TITLE.match(path.read_text())
    assert title, f"{path} does not begin with its number and title"
    return f"[{title['number']}]({path.name})", title["title"]


def deployer_actions() -> str:
    """Return what the deployer may do to the resources of each type."""
    rows = (
        (f"`{kind}`", ", ".join(f"`{action}`" for action in handler.actions))
        for kind, handler in read_handlers().items()
    )
    return table(("resource type", "actions"), rows)


def mutants() -> str:
    """Return the mistakes that the simulation must find, with the first seed that finds each."""
    return table(
        ("mutant", "first seed"),
        ((each.name, str(each.found_by_seed)) for each in (*MUTANTS, *HEARTBEAT_MUTANTS)),
    )


def _cost_table(headers: tuple[str, ...], rows: Callable[[], Rows]) -> str:
    return table(headers, rows())


TABLES: dict[str, Callable[[], str]] = {
    "alarms": alarms,
    "decisions": decisions,
    "deployer-actions": deployer_actions,
    "events": events,
    "mutants": mutants,
    "older-versions": older_versions,
    "problems": problems,
    "routes": routes,
    "settings": settings,
    **{name: partial(_cost_table, *each) for name, each in COST_TABLES.items()},
}


def current(page: str) -> str:
    """Return the page with its tables as the code has them now."""
    return _TABLE.sub(lambda found: f"{found[1]}{TABLES[found['name']]()}{found[4]}", page)


def pages() -> list[Path]:
    """Return the pages with generated tables."""
    return [path for path in sorted(DOCS.rglob("*.md")) if _TABLE.search(path.read_text())]


if __name__ == "__main__":
    for page in pages():
        page.write_text(current(page.read_text()))
