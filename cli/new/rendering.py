"""The files of a new consumer, rendered from the templates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from cli.new.edits import added_to_tuple, consumed, with_import
from functions.contracts.registry import FACTS as CONTRACTS

TEMPLATES = Path(__file__).parent / "templates"
TOPOLOGY = "infrastructure/topology.py"
REGISTRY = "functions/contracts/registry.py"


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The content of every file by its path in the checkout."""

    contents: Mapping[str, str]
    new: Sequence[str]
    changed: Sequence[str]


def rendered(root: Path, name: str, reacts_to: Sequence[str], publishes: str | None) -> Rendered:
    """Return the new files and the changed ones."""
    words = _words(name, reacts_to, publishes)
    new = _new_files(name, publishes, words)
    changed = {TOPOLOGY: _topology(root, reacts_to, publishes, words)}
    if publishes is not None:
        registry = with_import(
            (root / REGISTRY).read_text(encoding="utf-8"), f"functions.contracts.{name}", publishes
        )
        changed[REGISTRY] = added_to_tuple(registry, "ORDER_FACTS", f"    {publishes},\n")
    return Rendered(contents={**new, **changed}, new=list(new), changed=list(changed))


def _new_files(name: str, publishes: str | None, words: Mapping[str, str]) -> dict[str, str]:
    kind = "" if publishes is None else "publishing_"
    files = {
        f"functions/{name}/__init__.py": "init.py",
        f"functions/{name}/domain.py": f"{kind}domain.py",
        f"functions/{name}/store.py": f"{kind}store.py",
        f"functions/{name}/handler.py": "handler.py",
        f"tests/workflow/test_{name}.py": f"{kind}test.py",
    }
    if publishes is not None:
        files[f"functions/contracts/{name}.py"] = "contract.py"
    written = {path: _filled(template, words) for path, template in files.items()}
    return written if publishes is None else {**written, **_contract_files(name, publishes)}


def _contract_files(name: str, publishes: str) -> dict[str, str]:
    """Return the schema and the examples, empty: a generator writes them from the type."""
    suffixes = ("json", "example.json", "minimal.example.json")
    return {f"schemas/{name}/{publishes}.v1.{suffix}": "{}\n" for suffix in suffixes}


def _topology(root: Path, reacts_to: Sequence[str], publishes: str | None, words: Mapping[str, str]) -> str:
    source = (root / TOPOLOGY).read_text(encoding="utf-8")
    for fact in reacts_to:
        source = consumed(source, fact)
    if publishes is not None:
        source = added_to_tuple(source, "FACTS", _filled("fact.py", words))
    return added_to_tuple(source, "SERVICES", _filled("service.py", words))


def _filled(template: str, words: Mapping[str, str]) -> str:
    return Template((TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")).substitute(words)


def _words(name: str, reacts_to: Sequence[str], publishes: str | None) -> dict[str, str]:
    """Return the value of every placeholder."""
    names = ", ".join(f'"{fact}"' for fact in reacts_to)
    words = {
        "name": name,
        "title": name.capitalize(),
        "table": f"{name.upper()}_TABLE",
        "facts": ", ".join(reacts_to),
        "fact_names": names,
        "reacts_to": names if len(reacts_to) > 1 else f"{names},",
        "union": " | ".join(reacts_to),
        "imports": "\n".join(f"from {CONTRACTS[fact].__module__} import {fact}" for fact in reacts_to),
        "publishes": publishes or "",
        "decision": _snake(publishes or ""),
    }
    reaction = "reaction.py" if publishes is None else "publishing_reaction.py"
    functions = {fact: f"on_{_snake(fact)}" for fact in reacts_to}
    words["reactions"] = "\n".join(
        _filled(reaction, {**words, "fact": fact, "function": function})
        for fact, function in functions.items()
    )
    words["table_of_reactions"] = ", ".join(f"{fact}: {function}" for fact, function in functions.items())
    words["appended"] = "event_log" if publishes is None else "Appended, event_log"
    return words


def _snake(name: str) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "_", name).lower()
