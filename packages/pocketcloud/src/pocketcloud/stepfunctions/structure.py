"""The structure of a definition: its states, the fields they need and the states they lead to.

https://states-language.net/spec.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

_LAST = frozenset({"Choice", "Fail", "Succeed"})
"""Types of states without Next and End."""
_NEEDED: Mapping[str, Mapping[str, type]] = {
    "Choice": {"Choices": list},
    "Fail": {},
    "Map": {},
    "Parallel": {"Branches": list},
    "Pass": {},
    "Succeed": {},
    "Task": {"Resource": str},
    "Wait": {},
}
_TIMES = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


class InvalidDefinitionError(ValueError):
    """The definition is not valid."""


def check_level(level: Any) -> None:
    """Raise InvalidDefinitionError unless every state is complete and leads to states that exist."""
    states = level.get("States") if isinstance(level, dict) else None
    if not isinstance(states, dict) or level.get("StartAt") not in states:
        raise InvalidDefinitionError("MISSING_TRANSITION_TARGET: StartAt must be the name of a state")
    for name, state in states.items():
        if problem := next(_problems(state, states), None):
            raise InvalidDefinitionError(f"{problem} at /States/{name}")
        for inner in branches_of(state):
            check_level(inner)


def branches_of(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the branches of a Parallel state, or the processor of a Map state."""
    if state["Type"] == "Parallel":
        return list(state["Branches"])
    return [processor_of(state)] if state["Type"] == "Map" else []


def processor_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the states that process each item of a Map state."""
    found: Mapping[str, Any] = state.get("ItemProcessor") or state.get("Iterator") or {}
    return found


def _problems(state: Any, states: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(state, dict) or state.get("Type") not in _NEEDED:
        yield "SCHEMA_VALIDATION_FAILED: a state must be an object with a known Type"
        return
    for field, kind in _NEEDED[state["Type"]].items():
        if not isinstance(state.get(field), kind) or not state[field]:
            yield f"SCHEMA_VALIDATION_FAILED: {field} is missing or has the wrong type"
    if state["Type"] == "Wait" and len(state.keys() & set(_TIMES)) != 1:
        yield f"SCHEMA_VALIDATION_FAILED: a Wait state needs one of {', '.join(_TIMES)}"
    for field in ("Retry", "Catch"):
        if not all(isinstance(each, dict) and each.get("ErrorEquals") for each in state.get(field, ())):
            yield f"SCHEMA_VALIDATION_FAILED: each item of {field} needs ErrorEquals"
    if state["Type"] not in _LAST and ("Next" in state) == (state.get("End") is True):
        yield "SCHEMA_VALIDATION_FAILED: a state needs either Next or End"
    yield from (
        f"MISSING_TRANSITION_TARGET: {target!r} is no state"
        for target in _targets(state)
        if target not in states
    )


def _targets(state: Mapping[str, Any]) -> Iterator[Any]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    for each in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield each.get("Next") if isinstance(each, dict) else None
