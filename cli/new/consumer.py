"""Generate a consumer: check the request, render the files, write them, and report."""

import json
import keyword
import re
from dataclasses import dataclass

from cli.core.checkout import ROOT, is_installed
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal
from cli.new.rendering import Rendered, rendered
from cli.new.writing import GENERATED, formatted, write
from functions.contracts.order_fact import OrderFact
from functions.contracts.registry import FACTS as CONTRACTS
from infrastructure.topology import FACTS, OUTSIDERS, SERVICES

NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
FACT = re.compile(r"[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+")
RESERVED = (*OUTSIDERS, "relay", "shared", "contracts", "platform", "api", "observability", "audit")
"""Folders of `functions`, stacks and tables that are no service's."""


@dataclass(frozen=True, kw_only=True)
class ConsumerRequest:
    """A consumer to generate."""

    name: str
    reacts_to: tuple[str, ...]
    publishes: str | None


def generate(request: ConsumerRequest, *, dry_run: bool, as_json: bool) -> ExitCode:
    """Write the consumer's files, unless it is a dry run, and print their paths."""
    _check_checkout()
    _check_name(request.name)
    _check_facts(request)
    files = rendered(ROOT, request.name, request.reacts_to, request.publishes)
    _check_absent(files)
    contents = formatted(ROOT, files.contents)
    if not dry_run:
        write(ROOT, contents)
    _report(request, files, dry_run=dry_run, as_json=as_json)
    return ExitCode.OK


def _error(message: str, hint: str) -> CommandError:
    return CommandError(message, hint=hint, code=ExitCode.USAGE)


def _check_checkout() -> None:
    if is_installed(ROOT) or not (ROOT / "tests").is_dir():
        raise _error(
            f"{ROOT} is an installed package, not a checkout.",
            "Clone the repository, run `make setup`, and use its .venv/bin/orderbus.",
        )


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise _error(
            f"{name!r} is not a valid name of a consumer.",
            "Use 2 to 20 characters, a-z and 0-9, the first one a-z, and no Python keyword.",
        )
    tables = {table.name for service in SERVICES for table in service.tables}
    if name in {*RESERVED, *tables, *(service.name for service in SERVICES)}:
        raise _error(f"The name {name!r} is taken by a service, table or stack.", "Choose another name.")


def _check_facts(request: ConsumerRequest) -> None:
    known = {fact.name: fact for fact in FACTS}
    if unknown := [name for name in request.reacts_to if name not in known]:
        raise _error(f"Unknown fact: {', '.join(unknown)}.", f"The facts are: {', '.join(sorted(known))}.")
    published = request.publishes
    if published is None:
        return
    if published in known:
        raise _error(
            f"{published} is published by {known[published].owner}.",
            "Name a new fact: each has one publisher.",
        )
    if not FACT.fullmatch(published):
        raise _error(
            f"{published!r} is not a valid name of a fact.",
            "Name something that happened, in two or more words, as PointsEarned.",
        )
    if others := [name for name in request.reacts_to if not issubclass(CONTRACTS[name], OrderFact)]:
        raise _error(
            f"{', '.join(others)} is about no order, and {published} is published once per order.",
            "Leave --publishes out, or react to facts about orders only.",
        )


def _check_absent(files: Rendered) -> None:
    if existing := [path for path in files.new if (ROOT / path).exists()]:
        raise _error(f"{', '.join(existing)} exists already.", "Remove it, or choose another name.")


def _report(request: ConsumerRequest, files: Rendered, *, dry_run: bool, as_json: bool) -> None:
    """Print the files and the next three commands."""
    name = request.name
    changed = [*files.changed, *GENERATED]
    following = [
        f"$EDITOR functions/{name}/domain.py",
        f".venv/bin/python -m pytest tests/workflow/test_{name}.py tests/architecture/test_map.py",
        f".venv/bin/mypy functions/{name} tests/workflow/test_{name}.py",
    ]
    if as_json:
        document = {"dry_run": dry_run, "written": files.new, "changed": changed, "next": following}
        terminal().print(json.dumps(document), soft_wrap=True)
        return
    written, edited = ("would write", "would change") if dry_run else ("wrote", "changed")
    lines = [*(f"{written} {path}" for path in files.new), *(f"{edited} {path}" for path in changed)]
    if not dry_run:
        lines += ["Next:", *(f"  {command}" for command in following)]
    for line in lines:
        terminal().print(line, soft_wrap=True)
