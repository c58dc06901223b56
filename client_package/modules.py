"""The modules that a reader and writer of our events needs, found by following imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENTRY_POINTS = ("functions.contracts.registry", "functions.shared.contracts.delivery")
"""The facts, and the reader of queue messages; both import the rest."""


def modules() -> list[str]:
    """Return the names of all modules that the entry points import from `functions`, in order."""
    found: set[str] = set()
    waiting = list(ENTRY_POINTS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_imports(name))
    return sorted(found)


def source_of(name: str) -> str:
    """Return the text of a module."""
    return path_of(name).read_text(encoding="utf-8")


def path_of(name: str) -> Path:
    """Return the file of a module."""
    return ROOT / f"{name.replace('.', '/')}.py"


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source_of(name))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("functions."):
            module = node.module or ""
            is_file = path_of(module).exists()
            yield from [module] if is_file else [f"{module}.{each.name}" for each in node.names]
