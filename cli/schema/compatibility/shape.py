"""The instances of one kind that a conjunction of schemas allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from cli.schema.compatibility.drafts import Draft
from cli.schema.compatibility.subschema import NOTHING, Subschema
from cli.schema.compatibility.verdict import Instance, UndecidableError

KINDS = ("null", "boolean", "integer", "fraction", "string", "array", "object")
"""JSON's types; `fraction` is every number that is no integer."""
FINITE = "finite"
MAXIMUM_SPELLINGS = 64
MAXIMUM_BRANCHES = 256
MAXIMUM_NESTING = 60


@dataclass(frozen=True, slots=True)
class Shape:
    """A conjunction of schemas without combinators, for one kind of instance."""

    kind: str
    atoms: tuple[Subschema, ...]
    """Every one holds; their combinators are already resolved into other atoms."""
    negatives: tuple[Subschema, ...] = ()
    """No instance satisfies any of these."""
    values: tuple[Instance, ...] = ()
    """All instances, if the kind is `finite`."""


@dataclass(frozen=True, slots=True)
class _Branch:
    atoms: tuple[Subschema, ...]
    negatives: tuple[Subschema, ...]


def shapes_of(conjunction: Sequence[Subschema]) -> list[Shape]:
    """Return shapes that together have every instance of the conjunction, and perhaps more.

    Raises:
        UndecidableError: there are too many, or a schema refers to itself without an end.
    """
    branches = list(islice(_branches(tuple(conjunction), _Branch((), ()), 0), MAXIMUM_BRANCHES + 1))
    if len(branches) > MAXIMUM_BRANCHES:
        raise UndecidableError(f"there are more than {MAXIMUM_BRANCHES} combinations of branches")
    return [shape for branch in branches for shape in _shapes(branch)]


def kind_of(instance: Instance, draft: Draft) -> str:
    """Return the kind of an instance."""
    match instance:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            is_integer = instance.is_integer() and not draft.integers_are_spelled
            return "integer" if is_integer else "fraction"
        case str():
            return "string"
    return "array" if isinstance(instance, list) else "object"


def _branches(pending: tuple[Subschema, ...], found: _Branch, nesting: int) -> Iterator[_Branch]:
    if nesting > MAXIMUM_NESTING:
        raise UndecidableError("a schema combines too many others, or itself")
    if not pending:
        yield found
        return
    first, rest = pending[0], pending[1:]
    if first in found.atoms:
        yield from _branches(rest, found, nesting)
        return
    keywords = first.keywords
    rest += tuple(map(first.at, keywords.get("allOf", ())))
    negatives = (first.at(keywords["not"]),) if "not" in keywords else ()
    for combination in product(*_choices(first)):
        more = tuple(each for choice in combination for each in choice.atoms)
        excluded = tuple(each for choice in combination for each in choice.negatives)
        whole = _Branch((*found.atoms, first), (*found.negatives, *negatives, *excluded))
        yield from _branches(rest + more, whole, nesting + 1)


def _choices(schema: Subschema) -> Iterator[list[_Branch]]:
    keywords = schema.keywords
    if "anyOf" in keywords:
        yield [_Branch((schema.at(node),), ()) for node in keywords["anyOf"]]
    if "oneOf" in keywords:
        parts = [schema.at(node) for node in keywords["oneOf"]]
        yield [_Branch((part,), (*parts[:at], *parts[at + 1 :])) for at, part in enumerate(parts)]
    for name, needed in keywords.get("dependencies", {}).items():
        then = {"required": needed} if isinstance(needed, list) else needed
        absent = schema.at({"properties": {name: NOTHING}})
        yield [_Branch((absent,), ()), _Branch((schema.at(then),), ())]
    if "if" in keywords:
        test = schema.at(keywords["if"])
        then, other = schema.at(keywords.get("then", {})), schema.at(keywords.get("else", {}))
        yield [_Branch((test, then), ()), _Branch((other,), (test,))]


def _shapes(branch: _Branch) -> Iterator[Shape]:
    values = _finite(branch)
    if values is not None:
        yield Shape(FINITE, branch.atoms, branch.negatives, tuple(values))
        return
    for kind in KINDS:
        if not all(kind in kinds_allowed(atom) for atom in branch.atoms):
            continue
        if any(kind in _kinds_excluded(each) for each in branch.negatives):
            continue
        if kind in {"null", "boolean"}:
            everything = [None] if kind == "null" else [True, False]
            yield Shape(FINITE, branch.atoms, branch.negatives, tuple(_kept(branch, everything)))
        else:
            forbidden = tuple(each for negative in branch.negatives for each in _absences(negative, kind))
            yield Shape(kind, (*branch.atoms, *forbidden), branch.negatives)


def kinds_allowed(schema: Subschema) -> frozenset[str]:
    """Return the kinds that the keyword `type` allows."""
    types = schema.keywords.get("type", ["null", "boolean", "number", "string", "array", "object"])
    named = frozenset([types] if isinstance(types, str) else types)
    return named - {"number"} | {"integer", "fraction"} if "number" in named else named


def _kinds_excluded(negative: Subschema) -> frozenset[str]:
    """Return the kinds that a negated schema allows wholly."""
    keywords = negative.keywords
    return kinds_allowed(negative) if not keywords.keys() - {"type"} else frozenset()


def _absences(negative: Subschema, kind: str) -> Iterator[Subschema]:
    """Yield a schema without the property that a negated schema does no more than require."""
    keywords = negative.keywords
    is_plain = not keywords.keys() - {"type", "required"} and keywords.get("type", "object") == "object"
    if kind == "object" and is_plain and len(keywords.get("required", ())) == 1:
        yield negative.at({"properties": {keywords["required"][0]: NOTHING}})


def _finite(branch: _Branch) -> list[Instance] | None:
    """Return every instance of a branch with `enum` or `const`."""
    for atom in branch.atoms:
        if "enum" in atom.keywords or "const" in atom.keywords:
            listed = atom.keywords["enum"] if "enum" in atom.keywords else [atom.keywords["const"]]
            return _kept(branch, [spelled for value in listed for spelled in spellings(value)])
    return None


def _kept(branch: _Branch, values: Sequence[Instance]) -> list[Instance]:
    return [
        value
        for value in values
        if all(atom.accepts(value) for atom in branch.atoms)
        and not any(negative.accepts(value) for negative in branch.negatives)
    ]


def spellings(value: Instance) -> list[Instance]:
    """Return the value with its integers as `1` and as `1.0`, which `enum` takes for equal."""
    found: list[Instance]
    match value:
        case bool():
            found = [value]
        case int():
            found = [value, float(value)] if float(value) == value else [value]
        case float():
            found = [value, int(value)] if value.is_integer() else [value]
        case list():
            found = [list(each) for each in product(*map(spellings, value))]
        case dict():
            found = [dict(zip(value, each, strict=True)) for each in product(*map(spellings, value.values()))]
        case _:
            found = [value]
    if len(found) > MAXIMUM_SPELLINGS:
        raise UndecidableError("an enum has too many numbers")
    return found
