"""One Lambda sandbox: a function's bundle, imported by its handler string and isolated from others."""

import importlib
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.machinery import BuiltinImporter, FrozenImporter
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

from pocketcloud.awslambda.bundle_finder import finder_of

Handler = Callable[[Any, Any], Any]

_LOGGERS: dict[str, logging.Logger | logging.PlaceHolder] = {}
"""The loggers of all sandboxes, separate from the process's own loggers of the same names, which write
elsewhere; Powertools reuses an existing logger."""


@dataclass(slots=True)
class _Outer:
    """The parts of the process that a sandbox has replaced."""

    environment: dict[bytes, bytes]
    path: list[str]
    finders: list[Any]
    loggers: dict[str, logging.Logger | logging.PlaceHolder]
    modules: dict[str, ModuleType]


class Sandbox:
    """A bundle with its environment and imported modules; cold until `handler` is first called."""

    def __init__(self, bundle: Path, handler: str, environment: Mapping[str, str]) -> None:
        self._bundle = str(bundle)
        self._finder = finder_of(bundle)
        self._name = handler
        self._environment = _encoded(environment)
        self._modules: dict[str, ModuleType] = {}
        self._known = 0
        self._newest = ""
        """The module that the process had imported last before `enter`; the sandbox's own come after it."""
        self._handler: Handler | None = None
        self._outer: _Outer | None = None
        self.log_stream = ""
        """Name of its log stream."""
        self.fingerprint: tuple[object, ...] = ()
        """Everything that the sandbox depends on; a changed function needs another one."""
        self.skew = timedelta()
        """Deviation of its clock."""

    def handler(self) -> Handler:
        """Return the handler, importing it at first use; call it after `enter`."""
        if self._handler is None:
            module, _, attribute = self._name.replace("/", ".").rpartition(".")
            self._handler = getattr(importlib.import_module(module), attribute)
        return self._handler

    def enter(self, variables: Mapping[str, str]) -> None:
        """Give the process the sandbox's modules, path and environment until `leave`."""
        manager, path, finders = logging.Logger.manager, sys.path[:], sys.meta_path[:]
        self._outer = _Outer(_variables(), path, finders, manager.loggerDict, self._swap_in())
        manager.loggerDict = _LOGGERS
        sys.path[:] = [self._bundle, *_installed(tuple(path))]
        # Editable installs of the checkout have their own finders.
        installed = [finder for finder in finders if not _module_of(finder).startswith("__editable__")]
        built_in = [finder for finder in installed if finder in (BuiltinImporter, FrozenImporter)]
        sys.meta_path[:] = [*built_in, self._finder, *(each for each in installed if each not in built_in)]
        _let_stand({**self._environment, **_encoded(variables)})

    def leave(self) -> None:
        """Restore what `enter` replaced."""
        outer, self._outer = self._outer, None
        if outer is None:
            return
        logging.Logger.manager.loggerDict = outer.loggers
        _let_stand(outer.environment)
        sys.path[:], sys.meta_path[:] = outer.path, outer.finders
        self._swap_out(outer.modules)

    def _swap_in(self) -> dict[str, ModuleType]:
        """Replace modules of the same roots by the sandbox's; return the replaced ones."""
        outer = (
            _take_out(self._finder.roots) if any(root in sys.modules for root in self._finder.roots) else {}
        )
        self._newest = next(reversed(sys.modules))
        sys.modules.update(self._modules)
        self._known = len(sys.modules)
        return outer

    def _swap_out(self, outer: dict[str, ModuleType]) -> None:
        # Scanning all modules costs more than most handlers; do it only if one was imported.
        if len(sys.modules) == self._known:
            for name in self._modules:
                sys.modules.pop(name, None)
        else:
            added = takewhile(lambda name: name != self._newest, reversed(sys.modules))
            names = [name for name in added if name.partition(".")[0] in self._finder.roots]
            self._modules = {name: sys.modules.pop(name) for name in reversed(names)}
        sys.modules.update(outer)


_SEEN: dict[frozenset[str], tuple[int, list[str]]] = {}


def _take_out(roots: frozenset[str]) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in _names(roots)}


def _names(roots: frozenset[str]) -> list[str]:
    """Return the modules below these roots; cached, because scanning costs more than most handlers."""
    count, names = _SEEN.get(roots, (0, []))
    if count != len(sys.modules) or not all(name in sys.modules for name in names):
        names = [name for name in sys.modules if name.partition(".")[0] in roots]
        _SEEN[roots] = len(sys.modules), names
    return names


@lru_cache(16)
def _installed(path: tuple[str, ...]) -> list[str]:
    """Return the paths of the standard library and installed packages, without the checkout."""
    return [entry for entry in path if entry.startswith((sys.prefix, sys.base_prefix))]


def _module_of(finder: object) -> str:
    return str(getattr(finder, "__module__", ""))


# Setting forty variables one by one for every invocation costs more than most handlers. `os.environ` keeps
# them in this dictionary, so replace it; subprocesses of a handler do not see the variables.


def _variables() -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = vars(os.environ)["_data"]
    return known


def _let_stand(variables: dict[bytes, bytes]) -> None:
    vars(os.environ)["_data"] = variables


def _encoded(variables: Mapping[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}
