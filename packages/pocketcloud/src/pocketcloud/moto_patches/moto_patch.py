"""One replacement inside moto, with the signature it relies on."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import patch

import moto

MOTO_VERSION = "5.2.5"
ABSENT = "absent"
"""Instead of the parameters of what moto does not have at all."""

Call = dict[str, Any]
"""The arguments of one call by their names, whether moto passed them by position or by name."""


class SeamError(RuntimeError):
    """moto is not what the offline cloud was written for."""


@dataclass(frozen=True)
class MotoPatch:
    """A method of a moto class or a function of a moto module, with its parameters and what stands in for it.

    The replacement gets the instance (or the class, or a function's first argument) and the `Call`; a
    property's no `Call`.
    """

    owner: type | ModuleType
    name: str
    parameters: str
    """Separated by blanks, `self` or `cls` included; `property` if it is one, `absent` if there is none."""
    replacement: Callable[..., Any]

    def check(self) -> None:
        """Raise if moto's own is not there or takes other parameters."""
        original = inspect.getattr_static(self.owner, self.name, None)
        if self.parameters == ABSENT:
            if original is not None:
                raise SeamError(f"{self} is in moto {moto.__version__} by now")
            return
        if original is None:
            raise SeamError(f"{self} is gone from moto {moto.__version__}")
        found = (
            "property"
            if isinstance(original, property)
            else " ".join(inspect.signature(getattr(original, "__func__", original)).parameters)
        )
        if found != self.parameters:
            raise SeamError(f"{self} takes ({found}) in moto {moto.__version__}, not ({self.parameters})")

    def stand_in(self) -> object:
        """What moto finds under the name instead of its own."""
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


@contextmanager
def applied(seams: Iterable[MotoPatch]) -> Iterator[None]:
    """Replace all of them, and put moto's own back at the end."""
    if moto.__version__ != MOTO_VERSION:
        raise SeamError(f"the offline cloud needs moto {MOTO_VERSION} exactly, not {moto.__version__}")
    with ExitStack() as stack:
        for seam in seams:
            seam.check()
            is_new = seam.parameters == ABSENT
            stack.enter_context(patch.object(seam.owner, seam.name, seam.stand_in(), create=is_new))
        yield
