"""Share between botocore's sessions what is the same in each: the models and the built-in handlers.

A function that makes its own session would read and register them again in every cold sandbox, which took
half of a simulation's time. On Lambda each sandbox is a process.
"""

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from typing import Any

import botocore.hooks
import botocore.loaders
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EventAliaser, HierarchicalEmitter, NodeList
from botocore.loaders import Loader
from botocore.session import Session

from pocketcloud.moto_patches.moto_patch import MotoPatch

_Trie: Any = vars(botocore.hooks)["_PrefixTrie"]
"""The tree of a session's handlers, which every client copies."""
_LOADER = "extra_search_paths file_loader cache include_default_search_paths include_default_extras"
_Folders = tuple[str, ...]
_READ: defaultdict[tuple[_Folders, _Folders, type], dict[Any, Any]] = defaultdict(dict)


def patches() -> list[MotoPatch]:
    """Return the patches of botocore's loaders and sessions."""
    return [
        MotoPatch(botocore.loaders, "Loader", _LOADER, SharingLoader, is_direct=True),
        _builtin_handlers(),
        MotoPatch(_Trie, "__copy__", "self", _copied, is_direct=True),
    ]


class SharingLoader(Loader):
    """A loader of models that shares what it reads with the loaders that look in the same folders."""

    @property
    def _cache(self) -> dict[Any, Any]:
        """What was read; botocore keeps it per loader, and never changes it."""
        return _READ[tuple(self.search_paths), tuple(self.extras_types), type(self.file_loader)]

    @_cache.setter
    def _cache(self, _: dict[Any, Any]) -> None:
        """Keep the shared cache; botocore sets an empty one for each loader."""


def _builtin_handlers() -> MotoPatch:
    """Copy the built-in handlers of an earlier session; to register each one takes ten times as long."""
    original: Callable[[Session, EventAliaser], None] = vars(Session)["_register_builtin_handlers"]
    registered: list[Any] = []
    """The list of handlers, and an emitter that has them; moto adds its own to the list."""

    def register(session: Session, events: EventAliaser) -> None:
        emitter: Any = vars(events)["_emitter"]
        if type(session) is not Session or not _is_new(emitter):
            original(session, events)
            return
        if registered[:1] != [BUILTIN_HANDLERS]:
            original(session, events)
            registered[:] = [list(BUILTIN_HANDLERS), copy(emitter)]
            return
        vars(emitter).update(vars(copy(registered[1])))

    return MotoPatch(Session, "_register_builtin_handlers", "self events", register, is_direct=True)


def _is_new(emitter: Any) -> bool:
    """Whether it is botocore's own and has no handlers; a caller can pass one that has."""
    return type(emitter) is HierarchicalEmitter and not vars(vars(emitter)["_handlers"])["_root"]["children"]


def _copied(trie: Any) -> Any:
    """Copy the tree without asking `copy` how to copy each node."""
    new = _Trie()
    new._root = _copied_node(vars(trie)["_root"])  # noqa: SLF001 - as botocore's own copy does
    return new


def _copied_node(node: dict[str, Any]) -> dict[str, Any]:
    values = node["values"]
    return {
        "chunk": node["chunk"],
        "children": {chunk: _copied_node(child) for chunk, child in node["children"].items()},
        "values": None if values is None else NodeList(*map(list, values)),
    }
