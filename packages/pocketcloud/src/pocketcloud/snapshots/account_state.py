"""The state of an account: of pocketcloud's own objects, which every account has, and of moto's backends."""

import io
import random
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

from pocketcloud.snapshots.pickler import Name, StatePickler, StateUnpickler

_CONTAINERS = (dict, list, set, deque)
_OWN = (FunctionType, BuiltinFunctionType, WeakKeyDictionary)
"""Attributes that each account keeps."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects that every account consists of."""

    saved: Mapping[str, Any]
    """By path of attributes; the state of these is saved."""
    fixed: Mapping[str, object]
    """Only referred to."""
    random: random.Random
    """The scheduler's random numbers."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """The state that `restore` needs; nothing in it can change."""

    pickled: bytes
    shared: tuple[Any, ...]
    """Objects that cannot change, after moto's dictionaries of backends."""
    randomness: tuple[Any, ...]


def parts_of(fixed: Mapping[str, object], chance: random.Random, **roots: object) -> Parts:
    """Name every object of pocketcloud and every container below the roots, except what is fixed."""
    fixed = {**fixed, "random": chance}
    parts: dict[str, Any] = {}
    seen = {id(part) for part in fixed.values()}

    def visit(name: str, part: object) -> None:
        if id(part) in seen:
            return
        seen.add(id(part))
        parts[name] = part
        for attribute, value in _attributes(part):
            if isinstance(value, _CONTAINERS) or _is_ours(value):
                visit(f"{name}.{attribute}", value)

    for name, root in roots.items():
        visit(name, root)
    return Parts(parts, fixed, chance)


def save(parts: Parts, result: object) -> AccountState:
    """Return the state of the account and a `result` that refers to it; raise if it cannot be copied."""
    services = _services()
    names: dict[int, Name] = {id(part): name for name, part in {**parts.saved, **parts.fixed}.items()}
    stores: dict[Name, Any] = {}
    for place, backends in enumerate(services):
        for account, by_region in backends.items():
            for region, backend in by_region.items():
                names[id(backend)] = place, account, region
                stores[place, account, region] = vars(backend)
    file = io.BytesIO()
    pickler = StatePickler(file, names)
    pickler.shared += services
    containers = {name: part for name, part in parts.saved.items() if isinstance(part, _CONTAINERS)}
    attributes = {name: dict(_unnamed(part, names)) for name, part in parts.saved.items()}
    indexes = {
        (place, name): _content(value)
        for place, backends in enumerate(services)
        for name, value in vars(backends).items()
        if isinstance(value, _CONTAINERS)
    }
    contents = {name: _content(part) for name, part in containers.items()}
    pickler.dump((list(stores.items()), indexes, attributes, contents, result))
    states = mock_random.getstate(), random.getstate(), parts.random.getstate()
    return AccountState(file.getvalue(), tuple(pickler.shared), states)


def restore(state: AccountState, parts: Parts) -> Any:
    """Give the parts of an empty account and moto the saved state; return the saved result."""
    unpickler = StateUnpickler(state.pickled, state.shared, {**parts.saved, **parts.fixed})
    stores, indexes, attributes, contents, result = unpickler.load()
    for (place, account, region), values in stores:
        backend = state.shared[place][account][region]
        vars(backend).clear()
        vars(backend).update(values)
    for (place, name), content in indexes.items():
        _fill(vars(state.shared[place])[name], content)
    for name, values in attributes.items():
        for attribute, value in values.items():
            object.__setattr__(parts.saved[name], attribute, value)
    for name, content in contents.items():
        _fill(parts.saved[name], content)
    moto_numbers, numbers, scheduler_numbers = state.randomness
    mock_random.setstate(moto_numbers)
    random.setstate(numbers)
    parts.random.setstate(scheduler_numbers)
    return result


def _services() -> list[Any]:
    """Return moto's dictionaries with backends; its own list lacks those that another backend opened."""
    models = [vars(module) for name, module in sys.modules.items() if re.fullmatch(r"moto\..*\.models", name)]
    found = {id(each): each for names in models for each in names.values() if isinstance(each, BackendDict)}
    return [backends for backends in found.values() if len(backends)]


def _attributes(part: object) -> Iterator[tuple[str, object]]:
    if isinstance(part, _CONTAINERS):
        return
    yield from getattr(part, "__dict__", {}).items()
    for kind in type(part).__mro__:
        for name in getattr(kind, "__slots__", ()):
            if hasattr(part, name):
                yield name, getattr(part, name)


def _unnamed(part: object, names: Mapping[int, Name]) -> Iterator[tuple[str, object]]:
    """Yield the attributes that have no name of their own."""
    for name, value in _attributes(part):
        if id(value) not in names and not isinstance(value, _OWN):
            yield name, value


def _is_ours(value: object) -> bool:
    return type(value).__module__.startswith("pocketcloud.") and not isinstance(value, Enum | type)


def _content(container: Any) -> Any:
    return dict(container) if isinstance(container, dict) else list(container)


def _fill(container: Any, content: Any) -> None:
    container.clear()
    (container.extend if isinstance(container, list | deque) else container.update)(content)
