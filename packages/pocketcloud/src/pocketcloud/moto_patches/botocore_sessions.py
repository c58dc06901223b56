"""Share between botocore's sessions the built-in handlers, which are the same in each.

A function that makes its own session would register them again in every cold sandbox, which took
half of a simulation's time. On Lambda each sandbox is a process.
"""

from collections.abc import Callable
from copy import copy
from inspect import CO_VARKEYWORDS
from types import FunctionType
from typing import Any

import botocore.hooks
from botocore.compat import accepts_kwargs
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EVENT_ALIASES, EventAliaser, HierarchicalEmitter, NodeList
from botocore.session import Session

from pocketcloud.moto_patches.moto_patch import MotoPatch

_Trie: Any = vars(botocore.hooks)["_PrefixTrie"]
"""The tree of a session's handlers, which every client copies."""
_MIDDLE: int = vars(botocore.hooks)["_MIDDLE"]
_ALIASED: dict[str, str] = {}
_OWNED = "_pocketcloud_owned"
"""Attribute of a copied tree: its nodes that no other tree shares, by identity."""


def patches() -> list[MotoPatch]:
    """Return the patches of botocore's sessions."""
    return [
        _builtin_handlers(),
        *_trie_patches(),
        *_aliases(),
    ]


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


def _aliases() -> list[MotoPatch]:
    """Share which names of events have an alias: botocore looks each up again for each client."""
    original: Callable[..., None] = EventAliaser.__init__

    def new(events: EventAliaser, event_emitter: Any, event_aliases: Any = None) -> None:
        original(events, event_emitter, event_aliases)
        if vars(events)["_event_aliases"] == EVENT_ALIASES:
            vars(events)["_alias_name_cache"] = _ALIASED

    find: Callable[[EventAliaser, str], str] = vars(EventAliaser)["_alias_event_name"]

    def alias(events: Any, event_name: str) -> str:
        cached: dict[str, str] = vars(events)["_alias_name_cache"]
        if event_name not in cached:
            # botocore splits the name once for each of two hundred aliases.
            has_alias = any(old in event_name for old in vars(events)["_event_aliases"])
            cached[event_name] = find(events, event_name) if has_alias else event_name
        return cached[event_name]

    return [
        MotoPatch(EventAliaser, "_alias_event_name", "self event_name", alias, is_direct=True),
        MotoPatch(EventAliaser, "__init__", "self event_emitter event_aliases", new, is_direct=True),
        MotoPatch(botocore.hooks, "accepts_kwargs", "func", _accepts_kwargs, is_direct=True),
    ]


def _accepts_kwargs(func: Any) -> object:
    """Ask a plain handler's code, which botocore would make a signature of."""
    plain = getattr(func, "__func__", func)
    if not isinstance(plain, FunctionType) or "__signature__" in vars(plain):
        return accepts_kwargs(func)
    return bool(plain.__code__.co_flags & CO_VARKEYWORDS)


def _trie_patches() -> list[MotoPatch]:
    """Copy a tree when it changes, and only the path to the change: each client registers few handlers."""
    append: Callable[..., None] = vars(_Trie)["append_item"]
    remove: Callable[..., None] = vars(_Trie)["remove_item"]

    def append_item(trie: Any, key: str, value: Any, section: int = _MIDDLE) -> None:
        _own_path(trie, key)
        append(trie, key, value, section)

    def remove_item(trie: Any, key: str, value: Any) -> None:
        _own_path(trie, key)
        remove(trie, key, value)

    return [
        MotoPatch(_Trie, "__copy__", "self", _copied, is_direct=True),
        MotoPatch(_Trie, "append_item", "self key value section", append_item, is_direct=True),
        MotoPatch(_Trie, "remove_item", "self key value", remove_item, is_direct=True),
    ]


def _copied(trie: Any) -> Any:
    """Share all nodes with the copy; neither may change them from now on."""
    new = _Trie()
    state = vars(new)
    state["_root"] = vars(trie)["_root"]
    state[_OWNED], vars(trie)[_OWNED] = {}, {}
    return new


def _own_path(trie: Any, key: str) -> None:
    """Replace the nodes on the path to the key that other trees share."""
    state = vars(trie)
    owned: dict[int, Any] | None = state.get(_OWNED)
    if owned is None:
        return
    node = state["_root"] = _owned_node(owned, state["_root"])
    for chunk in key.split("."):
        child = node["children"].get(chunk)
        if child is None:
            return
        node["children"][chunk] = node = _owned_node(owned, child)


def _owned_node(owned: dict[int, Any], node: dict[str, Any]) -> dict[str, Any]:
    if id(node) in owned:
        return node
    values = node["values"]
    new = {
        "chunk": node["chunk"],
        "children": dict(node["children"]),
        "values": None if values is None else NodeList(*map(list, values)),
    }
    owned[id(new)] = new
    return new
