"""The fields of an event that a pattern names, with their place in the event's arrays.

A field's name is its path, joined by dots: `detail.lines.sku`. Whether the dots come from nesting or from
a name with dots makes no difference, in patterns and in events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count, product
from typing import Any

Place = tuple[tuple[int, int], ...]
"""The arrays around a value, outermost first: number of the array and index of the element."""
Fields = dict[str, list[tuple[Any, Place]]]
"""All scalar values by path; an object or an empty array has none."""


@dataclass(slots=True)
class PathStep:
    """One step of the paths to read."""

    path: str | None = None
    """The path, if a field ends here."""
    steps: dict[str, "PathStep"] = field(default_factory=dict)

    def find(self, name: str) -> "PathStep | None":
        """Return the step for a name with dots, which takes several steps."""
        found: PathStep | None = self
        for part in name.split("."):
            found = found.steps.get(part) if found else None
        return found


def plan_steps(paths: Iterable[str]) -> PathStep:
    """Return the first of the steps that lead to the paths."""
    first = PathStep()
    for path in paths:
        step = first
        for part in path.split("."):
            step = step.steps.setdefault(part, PathStep())
        step.path = path
    return first


def read_fields(document: object, first: PathStep) -> Fields:
    """Return the fields that the steps lead to."""
    fields: Fields = {}
    _read(document, first, (), fields, count())
    return fields


def _read(value: object, step: PathStep, place: Place, fields: Fields, arrays: "count[int]") -> None:
    if isinstance(value, dict):
        steps = step.steps
        for name, each in value.items():
            following = steps.get(name) or ("." in name and step.find(name))
            if following:
                _read(each, following, place, fields, arrays)
    elif isinstance(value, list):
        array = next(arrays)
        for index, each in enumerate(value):
            is_nested = isinstance(each, (dict, list))
            _read(each, step, (*place, (array, index)) if is_nested else place, fields, arrays)
    elif step.path is not None:
        fields.setdefault(step.path, []).append((value, place))


def are_consistent(fields: list[set[Place]]) -> bool:
    """Return whether one place of each field can be chosen so that no array is at two elements.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
    """
    inside = [_by_array(places) for places in fields if () not in places]
    if len(inside) <= 1:
        return True
    return len(inside) <= 1 or any(
        _can_share(chosen) for chosen in product(*(each.items() for each in inside))
    )


def agree(one: Place, other: Place) -> bool:
    """Return whether two places are at the same element of each array that both are in."""
    elements = dict(one)
    return all(elements.get(array, index) == index for array, index in other)


Elements = dict[int, set[Place]]
"""The places within one array, by the element's index."""


def _by_array(places: set[Place]) -> dict[int, Elements]:
    found: dict[int, Elements] = {}
    for (array, index), *inner in places:
        found.setdefault(array, {}).setdefault(index, set()).add(tuple(inner))
    return found


def _can_share(chosen: tuple[tuple[int, Elements], ...]) -> bool:
    """Return whether the fields in each array agree on an element of it."""
    together: dict[int, list[Elements]] = {}
    for array, elements in chosen:
        together.setdefault(array, []).append(elements)
    return all(
        any(
            are_consistent([each[index] for each in sharing])
            for index in set.intersection(*map(set, sharing))
        )
        for sharing in together.values()
    )
