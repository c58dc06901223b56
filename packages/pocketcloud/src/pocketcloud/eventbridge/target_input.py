"""A target's input: the event, a constant, a part of the event, or a transformed template.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pocketcloud.core.delivery import DeliveryError

_STEP = re.compile(r"\.(?P<name>[\w-]+)|\[(?P<index>\d+)\]|\['(?P<quoted>[^']+)'\]")
_VARIABLE = re.compile(r"<(?P<name>[\w.-]+)>")


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], text: str, rule_arn: str) -> str:
    """Return the body for this target; `text` is the whole event as JSON."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _json(find(target["InputPath"], event))
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, text, rule_arn)
    return text


def steps_of(path: str) -> list[str | int]:
    """Parse a JSON path such as `$.detail.lines[0]`; raise ValueError if EventBridge would reject it."""
    steps: list[str | int] = []
    position = 1
    if not path.startswith("$"):
        raise ValueError(f"a JSON path must start with $: {path}")
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise ValueError(f"invalid JSON path at {path[position:]!r}: {path}")
        steps.append(int(step["index"]) if step["index"] else step["name"] or step["quoted"])
        position = step.end()
    return steps


def find(path: str, document: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value at the path; None if there is none."""
    for step in steps_of(path):
        if isinstance(document, Mapping) and isinstance(step, str):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], text: str, rule_arn: str) -> str:
    values = {name: find(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event.get("time"),
        "aws.events.event.json": json.loads(text),
        "aws.events.event": json.loads(text),
    }
    filled = _fill(transformer["InputTemplate"], values)
    try:
        return _json(json.loads(filled))
    except ValueError as error:
        raise DeliveryError(
            "INVALID_JSON", f"the filled input template is not JSON: {filled[:200]}"
        ) from error


def _fill(template: str, values: Mapping[str, Any]) -> str:
    """Replace the template's variables: by JSON, or by plain text inside a quoted string."""

    def value_of(variable: re.Match[str]) -> str:
        if variable["name"] not in values:
            return variable[0]
        value = values[variable["name"]]
        if not _is_inside_string(template, variable.start()):
            return _json("" if value is None else value)
        inside = "" if value is None else value
        return _json(inside if isinstance(inside, str) else _json(inside))[1:-1]

    return _VARIABLE.sub(value_of, template)


def _is_inside_string(template: str, position: int) -> bool:
    return template[:position].replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
