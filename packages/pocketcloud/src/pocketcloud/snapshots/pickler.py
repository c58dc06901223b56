"""Pickle an account's state: name what every account has, share what cannot change, copy the rest."""

import io
import pickle
from collections.abc import Mapping, Sequence
from functools import _lru_cache_wrapper, cache
from re import Pattern
from threading import RLock
from types import FunctionType, ModuleType
from typing import Any
from weakref import WeakValueDictionary

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import BaseBackend

Name = str | tuple[int, str, str]
"""A part of every account, or one of moto's backends: its dictionary's place, account and region."""

_LOCK = type(RLock())
_UNCHANGING = (Pattern, RSAPrivateKey, ModuleType)
_PLAIN = frozenset({str, int, float, bool, type(None), dict, list, tuple})
"""Nearly all objects of a state are of these types: without a name, they are copied."""
_MANY_BYTES = 1_000
"""Longer contents, such as a function's code, are shared."""


class StatePickler(pickle.Pickler):
    """Writes names of the named objects, and places of shared ones."""

    def __init__(self, file: io.BytesIO, names: Mapping[int, Name]) -> None:
        """Name objects by their identity."""
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = names
        self.shared: list[object] = []

    def persistent_id(self, obj: Any) -> Name | int | None:
        """Return the object's name, or its place among the shared ones; None to copy it."""
        name = self._names.get(id(obj))
        if name is not None or type(obj) in _PLAIN:
            return name
        if isinstance(obj, BaseBackend):
            raise pickle.PicklingError(f"{obj} has no name")
        if _never_changes(obj):
            self.shared.append(obj)
            return len(self.shared) - 1
        return None

    def reducer_override(self, obj: Any) -> Any:
        """Return how to make a lock, a weak dictionary or a cache again."""
        if isinstance(obj, _LOCK):
            return RLock, ()
        if isinstance(obj, WeakValueDictionary):
            return WeakValueDictionary, (dict(obj),)
        if isinstance(obj, _lru_cache_wrapper) and obj.cache_parameters()["maxsize"] is None:
            return cache, (obj.__wrapped__,)
        return NotImplemented


class StateUnpickler(pickle.Unpickler):
    """Reads a state into another account, whose parts have the same names."""

    def __init__(self, state: bytes, shared: Sequence[Any], parts: Mapping[str, object]) -> None:
        super().__init__(io.BytesIO(state))
        self._shared, self._parts = shared, parts

    def persistent_load(self, pid: Any) -> Any:
        """Return the named part or backend, or the shared object."""
        if isinstance(pid, str):
            return self._parts[pid]
        if isinstance(pid, int):
            return self._shared[pid]
        place, account, region = pid
        return self._shared[place][account][region]


def _never_changes(obj: object) -> bool:
    if isinstance(obj, FunctionType):
        # Any other function is pickled by its name, or depends on variables and cannot be pickled.
        return "<locals>" in obj.__qualname__ and obj.__closure__ is None
    return isinstance(obj, _UNCHANGING) or (type(obj) is bytes and len(obj) > _MANY_BYTES)
