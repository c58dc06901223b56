"""Dynamic path parameters: values of a target's HTTP parameters that are JSON paths into the event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html#dynamic-path-parameters
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.eventbridge.target_input import find


def resolved(parameters: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with values of the event instead of JSON paths.

    Raise DeliveryError for a path without a text or a number: AWS does not document what it sends then.
    """
    return {
        name: [_value(each, event) for each in given]
        if isinstance(given, list)
        else {key: _value(each, event) for key, each in given.items()}
        for name, given in parameters.items()
    }


def paths_of(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the values that are JSON paths; only a whole value can be one."""
    for given in parameters.values():
        yield from (each for each in (given if isinstance(given, list) else given.values()) if _is_path(each))


def _is_path(value: str) -> bool:
    return value.startswith("$.")


def _value(value: str, event: Mapping[str, Any]) -> str:
    if not _is_path(value):
        return value
    found = find(value, event)
    if isinstance(found, bool) or not isinstance(found, str | int | float) or found == "":
        raise DeliveryError("SDK_CLIENT_ERROR", f"the event has no text or number at {value}")
    return str(found)
