"""Paths in Amazon States Language: JSONPath with names and indexes.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pocketcloud.eventbridge.target_input import steps_of
from pocketcloud.stepfunctions.state_error import RUNTIME, StateError

MISSING = object()
"""Stands for a value that a path does not find."""


def check_path(path: str) -> None:
    """Raise ValueError for a path that is invalid or uses a wildcard, a filter or a slice."""
    steps_of(path.removeprefix("$") if path.startswith("$$") else path)


def look(path: str, document: Any, context: Any = None) -> Any:
    """Return the value at the path, or MISSING; `$$` is the context object."""
    if path.startswith("$$"):
        path, document = path[1:], context
    for step in steps_of(path):
        document = _member(document, step)
        if document is MISSING:
            break
    return document


def _member(document: Any, step: str | int) -> Any:
    if isinstance(document, Mapping):
        return document.get(str(step), MISSING)
    is_inside = isinstance(document, list) and isinstance(step, int) and step < len(document)
    return document[step] if is_inside else MISSING


def value_at(path: str, document: Any, context: Any = None) -> Any:
    """Return the value at the path; raise StateError if there is none."""
    found = look(path, document, context)
    if found is MISSING:
        raise StateError(RUNTIME, f"Invalid path '{path}' : no such value in the input")
    return found


def with_value(path: str, document: Any, value: Any) -> Any:
    """Return a copy of the document with the value at a reference path; missing objects are made."""
    steps = steps_of(path)
    if not steps:
        return value
    changed = deepcopy(document)
    place = changed
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        is_last = following is None
        try:
            if is_last:
                place[step] = value
            elif isinstance(place, dict) and isinstance(step, str):
                place = place.setdefault(step, {})
            else:
                place = place[step]
        except (TypeError, IndexError, KeyError) as error:
            raise StateError(
                "States.ResultPathMatchFailure", f"Unable to apply ReferencePath {path}"
            ) from error
    return changed
