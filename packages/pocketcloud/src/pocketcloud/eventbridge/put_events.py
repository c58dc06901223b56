"""PutEvents: limits of the request and of each entry, and the event's time.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.events.exceptions import ValidationException

Entry = Mapping[str, Any]

_MAXIMUM_ENTRIES = 10
# 256 KB before January 2026; AWS's own model text of boto3 1.44 says 1 MB.
_MAXIMUM_BYTES = 1024 * 1024
_TIME_BYTES = 14
_MAXIMUM_DETAIL_TYPE = 128


@dataclass(frozen=True, slots=True)
class EntryError:
    """The reason why one entry of a request fails."""

    code: str
    message: str

    def as_result(self) -> dict[str, str]:
        """Return the entry's part of the response."""
        return {"ErrorCode": self.code, "ErrorMessage": self.message}


def check_request(entries: Sequence[Entry]) -> None:
    """Raise ValidationException if the whole request is invalid."""
    if len(entries) > _MAXIMUM_ENTRIES:
        listed = ", ".join(map(_as_java, entries))
        raise ValidationException(
            f"1 validation error detected: Value '[{listed}]' at 'entries' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MAXIMUM_ENTRIES}"
        )
    if sum(map(size, entries)) >= _MAXIMUM_BYTES:
        raise ValidationException("Total size of the entries in the request is over the limit.")


def _as_java(entry: Entry) -> str:
    """Return the entry as AWS's message prints it."""
    names = ("Time", "Source", "Resources", "DetailType", "Detail", "EventBusName", "TraceHeader")
    fields = [(name[0].lower() + name[1:], entry.get(name)) for name in names]
    fields += [("kmsKeyIdentifier", None), ("internalMetadata", None)]
    printed = ", ".join(f"{name}={'null' if value is None else value}" for name, value in fields)
    return f"PutEventsRequestEntry({printed})"


def size(entry: Entry) -> int:
    """Return the entry's size in bytes as EventBridge counts it (eb-putevents.html#eb-putevent-size)."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *entry.get("Resources", [])]
    return _TIME_BYTES * ("Time" in entry) + sum(len(text.encode()) for text in texts if text)


def check_entry(entry: Entry) -> dict[str, Any] | EntryError:
    """Return the entry's detail, or its error."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return EntryError("InvalidArgument", reason)
    if len(entry["DetailType"]) > _MAXIMUM_DETAIL_TYPE:
        reason = f"Parameter DetailType is not valid. Reason: longer than {_MAXIMUM_DETAIL_TYPE} characters."
        return EntryError("InvalidArgument", reason)
    if entry["Source"].startswith("aws."):
        return EntryError("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"], parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return EntryError("MalformedDetail", "Detail is malformed.")
    return detail if isinstance(detail, dict) else EntryError("MalformedDetail", "Detail is malformed.")


def event_time(entry: Entry, now: datetime) -> str:
    """Return the event's time: the producer's, or now."""
    when, given = now, entry.get("Time")
    if isinstance(given, (int, float)):
        when = datetime.fromtimestamp(given, UTC)
    elif isinstance(given, str):
        when = datetime.fromisoformat(given)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
