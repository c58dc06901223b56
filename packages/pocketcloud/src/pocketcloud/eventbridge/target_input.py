"""A target's input: the event, a constant, a part of the event, or a transformed template.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.eventbridge.input_template import compact_json, filled

_STEP = re.compile(r"\.(?P<name>[\w-]+)|\[(?P<index>\d+)\]|\['(?P<quoted>[^']+)'\]")
_VARIABLE = re.compile(r"<(?P<name>[\w.-]+)>")
PREDEFINED = frozenset(
    f"aws.events.{name}" for name in ("rule-arn", "rule-name", "event.ingestion-time", "event.json", "event")
)
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined"""


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], text: str, rule_arn: str) -> str:
    """Return the body for this target; `text` is the whole event as JSON."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return compact_json(find(target["InputPath"], event))
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


def find(path: str, document: object) -> Any:
    """Return the value at the path; None if there is none."""
    for step in steps_of(path):
        if isinstance(document, Mapping) and isinstance(step, str):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def placeholders_of(template: str) -> set[str]:
    """Return the names in angle brackets."""
    return {variable["name"] for variable in _VARIABLE.finditer(template)}


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], text: str, rule_arn: str) -> str:
    values = {name: find(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event.get("time"),
        "aws.events.event.json": json.loads(text),
        "aws.events.event": _without_detail(event),
    }
    try:
        return filled(transformer["InputTemplate"], _VARIABLE, values.__getitem__)
    except ValueError as error:
        raise DeliveryError("INVALID_JSON", str(error)) from error


def _without_detail(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event as `<aws.events.event>` has it: no detail, and `detailType` in camel case."""
    names = {"detail-type": "detailType"}
    return {names.get(name, name): value for name, value in event.items() if name != "detail"}
