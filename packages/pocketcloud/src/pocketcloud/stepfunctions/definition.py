"""A state machine's definition in Amazon States Language, checked before it is stored.

https://states-language.net/spec.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.stepfunctions import choice_rules, payload_template
from pocketcloud.stepfunctions.paths import check_path
from pocketcloud.stepfunctions.resources import CALLBACK, unsupported_resource
from pocketcloud.stepfunctions.structure import InvalidDefinitionError, branches_of, check_level

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


def read_definition(text: str, *, may_wait: bool) -> Definition:
    """Return the definition; raise InvalidDefinitionError, or UnsupportedOfflineError for what is missing.

    Only a standard workflow may wait for task tokens.
    """
    try:
        definition: Definition = json.loads(text)
    except ValueError as error:
        raise InvalidDefinitionError(f"invalid JSON: {error}") from error
    if not isinstance(definition, dict):
        raise InvalidDefinitionError("the definition must be an object")
    check_level(definition)
    if found := list(_unsupported(definition, _TOP)):
        raise UnsupportedOfflineError(f"state machine: not supported offline: {'; '.join(found)}")
    if not may_wait and (waiting := list(_waiting(definition))):
        raise InvalidDefinitionError(
            f"Express state machine does not support '{CALLBACK}' service integration pattern "
            f"at {', '.join(waiting)}"
        )
    return definition


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


def _waiting(level: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the states that wait for task tokens."""
    for name, state in level["States"].items():
        if state["Type"] == "Task" and state["Resource"].endswith(CALLBACK):
            yield name
        for inner in branches_of(state):
            yield from _waiting(inner)


def _invalid_path(field: str, path: str) -> Iterator[str]:
    try:
        check_path(path)
    except ValueError as error:
        yield f"{field}: {error}"
