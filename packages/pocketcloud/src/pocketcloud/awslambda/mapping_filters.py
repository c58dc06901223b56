"""The filter criteria of an event source mapping: a record that no filter matches never reaches the function.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pocketcloud.eventbridge.patterns import MAPPING, compile_pattern


def passes(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    """Whether at least one filter matches the record; without filters all pass."""
    patterns = [chosen["Pattern"] for chosen in (criteria or {}).get("Filters", [])]
    return not patterns or any(compile_pattern(pattern, MAPPING)(record) for pattern in patterns)


def passes_queue(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    """The same for a queue's message, whose body is matched as JSON where the filter is an object."""
    if not (criteria or {}).get("Filters"):
        return True
    text = record["body"]
    readings = [{**record, "body": text}]
    with suppress(ValueError):
        readings.append({**record, "body": json.loads(text)})
    return any(passes(criteria, reading) for reading in readings)
