"""The fields of each event that a service reads: `schemas/readers.json`."""

import importlib
import json
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType

from contract_files.field_reads import reads_of
from functions.contracts.registry import FACTS
from infrastructure.topology import SERVICES

PATH = Path(__file__).parents[1] / "schemas" / "readers.json"


def text() -> str:
    """Return the document as the repository has it: paths by event and service."""
    return json.dumps(document(), indent=2) + "\n"


def reads(consumer: str, event: str) -> frozenset[str]:
    """Return the paths that the service reads, such as `data.lines[].sku`; none if it reads no such event."""
    return frozenset(_committed().get(event, {}).get(consumer, ()))


def document() -> dict[str, dict[str, list[str]]]:
    """Return the paths by event and service, found in the code."""
    found: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in FACTS}
    for service in SERVICES:
        for function in functions_of(service.name):
            for fact, path in reads_of(function):
                found[fact][service.name].add(f"data.{path}")
    return {
        name: {service: sorted(paths) for service, paths in sorted(by_service.items())}
        for name, by_service in found.items()
    }


def functions_of(service: str) -> Iterator[FunctionType]:
    """Yield every function and method that the modules of a service define."""
    package = importlib.import_module(f"functions.{service}")
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            members = vars(value).values() if isinstance(value, type) else (value,)
            for each in map(_unwrapped, members):
                if isinstance(each, FunctionType) and each.__module__ == info.name:
                    yield each


def _unwrapped(member: object) -> object:
    """Return the function inside a static or class method, a property or a cache; anything else as it is."""
    inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    return getattr(inner, "__wrapped__", inner)


@cache
def _committed() -> dict[str, dict[str, list[str]]]:
    committed: dict[str, dict[str, list[str]]] = json.loads(PATH.read_text(encoding="utf-8"))
    return committed
