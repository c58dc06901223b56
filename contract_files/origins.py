"""The origin of a value in a reaction: a fact, and the path of a field in its data."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin, get_type_hints

import msgspec

from functions.shared.contracts.fact import Fact


@dataclass(frozen=True, slots=True)
class Origin:
    """A value: the fact it comes from, its path in the data (`lines[].sku`), and its type."""

    fact: str
    path: str
    kind: Any

    def field(self, name: str) -> "Origin | None":
        """Return the field of that name; None if the type has no such field."""
        kinds = get_type_hints(self.kind, include_extras=True) if is_struct(self.kind) else {}
        if not is_struct(self.kind) or name not in self.kind.__struct_fields__:
            return None
        path = f"{self.path}.{name}" if self.path else name
        return Origin(self.fact, path, plain(kinds[name]))

    def element(self) -> "Origin | None":
        """Return any element of an array; None if it is none."""
        if get_origin(self.kind) is not tuple:
            return None
        return Origin(self.fact, f"{self.path}[]", plain(get_args(self.kind)[0]))

    def leaves(self) -> Iterator[str]:
        """Yield the path of every field below this one, or its own."""
        element = self.element()
        if element:
            yield from element.leaves()
        elif is_struct(self.kind):
            for name in self.kind.__struct_fields__:
                field = self.field(name)
                yield from field.leaves() if field else ()
        else:
            yield self.path


Origins = frozenset[Origin]
NOTHING: Origins = frozenset()


def root(fact: type[Fact]) -> Origin:
    """Return the data of a fact as a whole."""
    return Origin(fact.__name__, "", fact)


def roots(annotation: object) -> Origins:
    """Return the facts that a parameter or a result of this type is, holds or is the event of."""
    kind = plain(annotation)
    if is_fact(kind):
        return frozenset({root(kind)})
    held = () if get_origin(kind) is type else get_args(kind)
    return frozenset(origin for each in held for origin in roots(each))


def is_fact(kind: object) -> TypeGuard[type[Fact]]:
    """Return whether it is the type of one fact, which names its owner."""
    return isinstance(kind, type) and issubclass(kind, Fact) and "owner" in vars(kind)


def plain(kind: Any) -> Any:  # noqa: ANN401 - any type
    """Return the type without its constraints, and without the marker of an optional field."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each not in {msgspec.UnsetType, type(None)}]
        return plain(kinds[0]) if len(kinds) == 1 else kind
    return kind


def is_struct(kind: object) -> bool:
    """Return whether the type is a msgspec struct."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
