"""The filter criteria of an event source mapping, which select the records that reach the function.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pocketcloud.eventbridge.patterns import MAPPING, compile_pattern


def matches_filters(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    """Return whether a filter matches the record, or there are no filters."""
    patterns = [chosen["Pattern"] for chosen in (criteria or {}).get("Filters", [])]
    return not patterns or any(compile_pattern(pattern, MAPPING)(record) for pattern in patterns)


def matches_queue_filters(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    """Return whether a filter matches a queue's message, with its body as text or as JSON."""
    if not (criteria or {}).get("Filters"):
        return True
    text = record["body"]
    readings = [{**record, "body": text}]
    with suppress(ValueError):
        readings.append({**record, "body": json.loads(text)})
    return any(matches_filters(criteria, reading) for reading in readings)
