"""A patch to moto, with the signature it relies on."""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any
from unittest.mock import patch

import moto

MOTO_VERSION = "5.2.5"
ABSENT = "absent"
"""Stands for the parameters of a name that moto lacks."""

Call = dict[str, Any]
"""The arguments of one call by parameter name."""


class MotoPatchError(RuntimeError):
    """The installed moto differs from the version that the patches were written for."""


@dataclass(frozen=True)
class MotoPatch:
    """Replaces a method of a moto class or a function of a moto module.

    The replacement gets the instance (or the class, or a function's first argument) and the `Call`; the
    replacement of a property gets only the instance.
    """

    owner: type | ModuleType
    name: str
    parameters: str
    """Parameter names separated by spaces, including `self` or `cls`; or `property`, or `absent`."""
    replacement: Any
    is_direct: bool = False
    """Whether the replacement takes the original's own arguments, as calls do that an order makes often."""

    def check(self) -> None:
        """Raise MotoPatchError if moto lacks the original or its parameters differ."""
        original = inspect.getattr_static(self.owner, self.name, None)
        if self.parameters == ABSENT:
            if original is not None:
                raise MotoPatchError(f"moto {moto.__version__} already has {self}")
            return
        if original is None:
            raise MotoPatchError(f"moto {moto.__version__} has no {self}")
        found = _parameters_of(original)
        if found != self.parameters:
            raise MotoPatchError(
                f"{self} takes ({found}) in moto {moto.__version__}, not ({self.parameters})"
            )

    def build_replacement(self) -> object:
        """Return the object that replaces moto's own."""
        if self.is_direct:
            return self.replacement
        if self.parameters == "property":
            return property(self.replacement)
        names = self.parameters.split()[1:]

        def method(instance: object, /, *values: object, **named: object) -> object:
            return self.replacement(instance, {**dict(zip(names, values, strict=False)), **named})

        return classmethod(method) if self.parameters.startswith("cls ") else method

    def __str__(self) -> str:
        owner = self.owner
        where = (
            owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__qualname__}"
        )
        return f"{where}.{self.name}"


@lru_cache(maxsize=1_000)
def _parameters_of(original: object) -> str:
    """Return the names of its parameters; each cloud asks again, and a signature takes long to read."""
    if isinstance(original, property):
        return "property"
    function: Any = getattr(original, "__func__", original)
    return " ".join(inspect.signature(function).parameters)


@contextmanager
def apply_patches(patches: Iterable[MotoPatch]) -> Iterator[None]:
    """Apply the patches; restore moto's own code at the end."""
    if moto.__version__ != MOTO_VERSION:
        raise MotoPatchError(
            f"pocketcloud needs moto {MOTO_VERSION} exactly, but {moto.__version__} is installed"
        )
    with ExitStack() as stack:
        for each in patches:
            each.check()
            is_new = each.parameters == ABSENT
            stack.enter_context(patch.object(each.owner, each.name, each.build_replacement(), create=is_new))
        yield
