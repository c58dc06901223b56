"""Edit the event of a message; the consumer must accept the result."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jsonpointer import JsonPointer, JsonPointerException

from cli.dlq.event_label import bus_event_in
from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.runtime.received import Arrival, check_message

MISSING = object()
NOT_EDITABLE = "The message contains no bus event, so it cannot be edited."


class InvalidEditError(Exception):
    """The edit is impossible, or its result would not be accepted; the text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A changed value at its JSON pointer (RFC 6901)."""

    pointer: str
    before: str | None
    """The old value as JSON; None if the value is new."""
    after: str | None
    """The new value as JSON; None if the value was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedMessage:
    """A message's new body, and the changes in its event."""

    body: str
    changes: Sequence[ValueChange]


def edit_event(
    body: str, arrival: Arrival, *, settings: Iterable[str], document: str | None
) -> EditedMessage:
    """Set values in the event, or replace it by the document.

    `arrival` is where and when the consumer would receive the result.

    Raises:
        InvalidEditError: the consumer would not accept the result, or nothing can be edited.
    """
    bus_event = _parse(bus_event_in(body), NOT_EDITABLE)
    if not isinstance(bus_event, dict) or "detail" not in bus_event:
        raise InvalidEditError(NOT_EDITABLE)
    before = bus_event["detail"]
    after = _parse(json.dumps(before) if document is None else document, "The file is not JSON.")
    for setting in settings:
        _set(after, setting)
    changes = list(_changes(JsonPointer(""), before, after))
    if not changes:
        raise InvalidEditError("Nothing would change.")
    edited = json.dumps({**bus_event, "detail": after})
    try:
        check_message(edited, arrival)
    except Rejected as rejected:
        raise InvalidEditError(f"Its consumer would reject that: {rejected}.") from rejected
    except UnknownFactError as unknown:
        raise InvalidEditError(
            f"Its consumer would not handle that: there is no fact {unknown}."
        ) from unknown
    return EditedMessage(body=edited, changes=changes)


def _parse(text: str, error_message: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidEditError(error_message) from error


def _set(document: object, setting: str) -> None:
    """Set one value. A value that is not JSON is text, so that an email address needs no quotes."""
    pointer, equals, text = setting.partition("=")
    if not equals or not pointer.startswith("/"):
        raise InvalidEditError(f"{setting!r} is not like /data/lines/0/quantity=2.")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    try:
        JsonPointer(pointer).set(document, value)
    except (JsonPointerException, TypeError) as error:
        raise InvalidEditError(f"There is no {pointer} in the event.") from error


def _changes(pointer: JsonPointer, before: object, after: object) -> Iterator[ValueChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _changes(pointer / [name], before.get(name, MISSING), after.get(name, MISSING))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(pointer / [index], old, new)
    elif (was := _as_json(before)) != (becomes := _as_json(after)):
        yield ValueChange(pointer=pointer.path, before=was, after=becomes)


def _as_json(value: object) -> str | None:
    return None if value is MISSING else json.dumps(value, sort_keys=True)
