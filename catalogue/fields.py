"""The rows of a schema's table, and the differences between two versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters, at least",
    "maxLength": "characters, at most",
    "minItems": "items, at least",
    "maxItems": "items, at most",
    "pattern": "pattern",
    "format": "format",
}

Readers = Mapping[str, list[str]]
"""The paths that each service reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an event, with the services that read it."""

    path: str
    kind: str
    limits: str
    is_required: bool
    meaning: str
    readers: tuple[str, ...] = ()


def fields(schema: Mapping[str, Any], readers: Readers) -> list[Field]:
    """Return every field in the order of the schema, the nested ones below theirs."""
    return list(_fields(schema, schema.get("definitions", {}), readers, prefix=""))


def differences(old: list[Field], new: list[Field]) -> list[str]:
    """Return what the newer version adds, removes and changes."""
    before, after = ({field.path: field for field in version} for version in (old, new))
    added = [f"adds {path}" for path in after if path not in before]
    removed = [f"removes {path}" for path in before if path not in after]
    changed = [
        f"changes {path}" for path in after if path in before and _shape(before[path]) != _shape(after[path])
    ]
    return [*added, *removed, *changed]


def _shape(field: Field) -> tuple[str, str, bool]:
    return field.kind, field.limits, field.is_required


def _fields(
    schema: Mapping[str, Any],
    definitions: Mapping[str, Any],
    readers: Readers,
    *,
    prefix: str,
) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, part in schema.get("properties", {}).items():
        path, resolved = f"{prefix}{name}", _resolved(part, definitions)
        items = _resolved(resolved.get("items", {}), definitions)
        nested, suffix = (items, "[]") if items else (resolved, "")
        names = [each for each, paths in readers.items() if _reads(paths, f"data.{path}")]
        yield Field(
            path=path,
            kind=_kind(resolved, items),
            limits=_limits(resolved),
            is_required=name in required,
            meaning=str(resolved.get("description", "")),
            readers=tuple(sorted(names)),
        )
        yield from _fields(nested, definitions, readers, prefix=f"{path}{suffix}.")


def _reads(paths: list[str], path: str) -> bool:
    return any(each == path or each.startswith((f"{path}.", f"{path}[]")) for each in paths)


def _resolved(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(part)
    while "$ref" in found:
        target = definitions[found.pop("$ref").rpartition("/")[2]]
        found = {**target, **found}
    return found


def _kind(part: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    if "enum" in part:
        return "one of " + ", ".join(map(str, part["enum"]))
    return f"list of {items.get('type', 'values')}" if items else str(part.get("type", "any"))


def _limits(part: Mapping[str, Any]) -> str:
    return "; ".join(f"{words} {part[keyword]}" for keyword, words in _LIMITS.items() if keyword in part)
