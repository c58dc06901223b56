"""`orderbus events make`: write a valid event with random data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import write_json
from cli.events.assignment import Assignment
from cli.events.event_file import SCHEMAS, Verdict, verdict_on
from cli.events.example_data import DataGenerator
from functions.shared.contracts.codec import Rejected, read
from functions.shared.contracts.domain_contracts import domain_contracts
from functions.shared.contracts.envelope import event_id
from functions.shared.contracts.fact import Fact, PublishedFact

MAXIMUM_ATTEMPTS = 200
"""A random country often needs a postal code, which a minimal address lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOptions:
    """The options of the command line."""

    event: str
    version: int | None = None
    seed: int
    full: bool = False
    assignments: Sequence[Assignment] = ()
    now: datetime
    entry: bool = False
    bus: str | None = None
    as_json: bool = False


def make_event(options: MakeOptions) -> ExitCode:
    """Print an event that Orderbus accepts, or the EventBridge entry that carries it."""
    document = valid_event(options)
    indent = None if options.as_json else 2
    write_json([_entry(document, options.bus)] if options.entry or options.bus else document, indent=indent)
    return ExitCode.OK


def valid_event(options: MakeOptions) -> dict[str, Any]:
    """Return the first random event that Orderbus accepts.

    Raises:
        CommandError: there is no such event or version, or no attempt is valid with what `--set` sets.
    """
    fact = _fact(options.event)
    schema = _schema(fact, options.version or fact.version)
    random = Random(options.seed)  # noqa: S311 - a seed makes chance repeat; nothing secret depends on it
    verdict: Verdict | None = None
    for _ in range(MAXIMUM_ATTEMPTS):
        document = _event(options, fact, schema, random)
        verdict = verdict_on(json.dumps(document), 1, options.now)
        if not verdict.code:
            return document
    raise CommandError(
        f"{options.event} is not valid with these values: {verdict}.",
        hint="Correct what --set sets, or leave it out.",
        code=ExitCode.USAGE,
    )


def _event(options: MakeOptions, fact: type[Fact], schema: dict[str, Any], random: Random) -> dict[str, Any]:
    ids = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(3)]
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": ids[0],
        "source": fact.owner,
        "type": fact.__name__,
        "subject": "",
        "time": options.now.isoformat(),
        "dataschema": schema["id"],
        "datacontenttype": "application/json",
        "correlationid": ids[1],
        "causationid": ids[2],
        "traceparent": f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01",
        "data": DataGenerator(schema, random, full=options.full).value(schema),
    }
    for each in options.assignments:
        each.apply(event)
    event["subject"] = event["subject"] or _subject(fact, schema, event["data"])
    if ("id",) not in [each.path for each in options.assignments]:
        event["id"] = _decision_id(event)
    return event


def _subject(fact: type[Fact], schema: dict[str, Any], data: dict[str, Any]) -> str:
    """Return the aggregate's id; of an event from outside, the id that its sender gave it."""
    field = fact.about if issubclass(fact, PublishedFact) else schema["required"][0]
    return str(data.get(field, ""))


def _decision_id(event: dict[str, Any]) -> str:
    """Return the id that the owner gives the event of this decision; any other event keeps its own."""
    try:
        fact = read(json.dumps(event)).fact
    except Rejected:
        return str(event["id"])
    if isinstance(fact, PublishedFact):
        return event_id(fact.owner, fact.aggregate, fact.decision_key)
    return str(event["id"])


def _entry(event: dict[str, Any], bus: str | None) -> dict[str, str]:
    """Return an entry of PutEvents.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
    """
    fields = {"Source": event["source"], "DetailType": event["type"], "Detail": json.dumps(event)}
    return {**fields, "EventBusName": bus} if bus else fields


def _fact(name: str) -> type[Fact]:
    facts = domain_contracts().facts
    if name not in facts:
        known = ", ".join(facts)
        raise CommandError(f"There is no event {name}.", hint=f"Name one of {known}.", code=ExitCode.USAGE)
    return facts[name]


def _schema(fact: type[Fact], version: int) -> dict[str, Any]:
    path = SCHEMAS / fact.owner / f"{fact.__name__}.v{version}.json"
    if not path.exists():
        hint = f"The latest version is {fact.version}."
        raise CommandError(f"{fact.__name__} has no version {version}.", hint=hint, code=ExitCode.USAGE)
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema
