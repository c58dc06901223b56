"""A state machine's definition in Amazon States Language, checked before it is stored.

https://states-language.net/spec.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.stepfunctions import choice_rules, payload_template
from pocketcloud.stepfunctions.paths import check_path
from pocketcloud.stepfunctions.resources import unsupported_resource

Definition = dict[str, Any]
_COMMON = {"Comment", "End", "InputPath", "Next", "OutputPath", "QueryLanguage", "Type"}
_RESULT = {"Parameters", "ResultPath", "ResultSelector"}
_FAILURE = {"Catch", "Retry"}
FIELDS: Mapping[str, set[str]] = {
    "Choice": {"Choices", "Default"},
    "Fail": {"Cause", "CausePath", "Error", "ErrorPath"},
    "Map": {
        "ItemProcessor",
        "ItemSelector",
        "ItemsPath",
        "Iterator",
        "Label",
        "MaxConcurrency",
        *_RESULT,
        *_FAILURE,
    },
    "Parallel": {"Branches", *_RESULT, *_FAILURE},
    "Pass": {"Parameters", "Result", "ResultPath"},
    "Succeed": set(),
    "Task": {"HeartbeatSeconds", "Resource", "TimeoutSeconds", *_RESULT, *_FAILURE},
    "Wait": {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
}
"""The supported fields of each type of state."""
_TOP = {"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"}
_PROCESSOR = {"Comment", "ProcessorConfig", "StartAt", "States"}
_PATHS = (
    "CausePath",
    "ErrorPath",
    "InputPath",
    "ItemsPath",
    "OutputPath",
    "ResultPath",
    "SecondsPath",
    "TimestampPath",
)
_TEMPLATES = ("ItemSelector", "Parameters", "ResultSelector")


class InvalidDefinitionError(ValueError):
    """The definition is not valid."""


def read_definition(text: str) -> Definition:
    """Return the definition; raise InvalidDefinitionError, or UnsupportedOfflineError for what is missing."""
    try:
        definition: Definition = json.loads(text)
    except ValueError as error:
        raise InvalidDefinitionError(f"invalid JSON: {error}") from error
    if not isinstance(definition, dict):
        raise InvalidDefinitionError("the definition must be an object")
    _check_level(definition)
    if found := list(_unsupported(definition, _TOP)):
        raise UnsupportedOfflineError(f"state machine: not supported offline: {'; '.join(found)}")
    return definition


def _check_level(level: Mapping[str, Any]) -> None:
    """Raise InvalidDefinitionError unless every state that is named exists."""
    states = level.get("States")
    if not isinstance(states, dict) or level.get("StartAt") not in states:
        raise InvalidDefinitionError("MISSING_TRANSITION_TARGET: StartAt must be the name of a state")
    for name, state in states.items():
        if state.get("Type") not in FIELDS:
            raise InvalidDefinitionError(f"{name}: unknown Type {state.get('Type')!r}")
        for target in _targets(state):
            if target not in states:
                raise InvalidDefinitionError(f"MISSING_TRANSITION_TARGET: {name}: {target!r} is no state")
        is_last = state["Type"] in {"Choice", "Fail", "Succeed"} or state.get("End") is True
        if not is_last and "Next" not in state:
            raise InvalidDefinitionError(f"{name}: a state needs Next or End")
        for inner in branches_of(state):
            _check_level(inner)


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    named = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    yield from (each["Next"] for each in named if "Next" in each)
    if "Default" in state:
        yield state["Default"]


def branches_of(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the branches of a Parallel state, or the processor of a Map state."""
    if state["Type"] == "Parallel":
        return list(state.get("Branches", ()))
    return [processor_of(state)] if state["Type"] == "Map" else []


def processor_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the states that process each item of a Map state."""
    found: Mapping[str, Any] = state.get("ItemProcessor") or state.get("Iterator") or {}
    return found


def _unsupported(level: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    if unknown := sorted(level.keys() - known):
        yield f"the fields {', '.join(unknown)}"
    if level.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield f"QueryLanguage {level['QueryLanguage']}"
    if level.get("ProcessorConfig", {}).get("Mode", "INLINE") != "INLINE":
        yield "distributed Map states"
    for name, state in level["States"].items():
        for problem in _of_state(state):
            yield f"{name}: {problem}"
        for inner in branches_of(state):
            yield from _unsupported(inner, _PROCESSOR)


def _of_state(state: Mapping[str, Any]) -> Iterator[str]:
    if unknown := sorted(state.keys() - _COMMON - FIELDS[state["Type"]]):
        yield f"the fields {', '.join(unknown)}"
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield f"QueryLanguage {state['QueryLanguage']}"
    for field in (each for each in _PATHS if isinstance(state.get(each), str)):
        if not state[field].startswith("States."):
            yield from _invalid_path(field, state[field])
    for field in _TEMPLATES:
        yield from payload_template.problems(state.get(field))
    for rule in state.get("Choices", ()):
        yield from choice_rules.problems(rule)
    if state["Type"] == "Task" and (reason := unsupported_resource(state["Resource"])):
        yield reason


def _invalid_path(field: str, path: str) -> Iterator[str]:
    try:
        check_path(path)
    except ValueError as error:
        yield f"{field}: {error}"
