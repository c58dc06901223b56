"""An event changed by hand: only into one that its consumer would take, and with the difference told."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cli.dlq.event_label import bus_event_in
from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.runtime.plausibility import Arrival, check_message

MISSING = object()


class UnusableAmendmentError(Exception):
    """What was asked for cannot be done, or would make no event; the words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that is other than it was, at its JSON pointer (RFC 6901)."""

    pointer: str
    before: str | None
    """As JSON; None where there was nothing."""
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A message's new body, and what in its event has changed."""

    body: str
    changes: Sequence[Change]


def amended(body: str, arrival: Arrival, *, settings: Iterable[str], document: str | None) -> Amended:
    """The body with these values set in its event, or with this document for its event.

    `arrival` is where and when its consumer's queue would take it.

    Raises:
        UnusableAmendmentError: a consumer would not take the result, or there is nothing to amend.
    """
    wrapper = _parsed(bus_event_in(body), "The message holds no event of a bus, and so cannot be edited.")
    if not isinstance(wrapper, dict) or "detail" not in wrapper:
        raise UnusableAmendmentError("The message holds no event of a bus, and so cannot be edited.")
    before = wrapper["detail"]
    after = _parsed(json.dumps(before) if document is None else document, "The file is not JSON.")
    for setting in settings:
        _set(after, setting)
    changes = list(_changes("", before, after))
    if not changes:
        raise UnusableAmendmentError("Nothing would change.")
    new = json.dumps({**wrapper, "detail": after})
    try:
        check_message(new, arrival)
    except Rejected as rejected:
        raise UnusableAmendmentError(f"Its consumer would reject that: {rejected}.") from rejected
    except UnknownFactError as unknown:
        raise UnusableAmendmentError(
            f"Its consumer would ignore that: there is no fact {unknown}."
        ) from unknown
    return Amended(body=new, changes=changes)


def _parsed(text: str, otherwise: str) -> Any:  # noqa: ANN401 - a JSON document may be anything
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableAmendmentError(otherwise) from error


def _set(document: Any, setting: str) -> None:  # noqa: ANN401 - as above
    """Set one value; what is no JSON is text, so that an address needs no quotes."""
    pointer, equals, text = setting.partition("=")
    if not equals or not pointer.startswith("/"):
        raise UnusableAmendmentError(f"{setting!r} is not like /data/lines/0/quantity=2.")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
    try:
        for part in way:
            document = document[_step(document, part)]
        document[_step(document, last)] = value
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnusableAmendmentError(f"There is no {pointer} in the event.") from error


def _step(container: Any, part: str) -> str | int:  # noqa: ANN401 - as above
    """The key or, in an array, the index; RFC 6901 knows no negative one."""
    if not isinstance(container, list):
        return part
    if not part.isdecimal():
        raise ValueError(part)
    return int(part)


def _changes(pointer: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401 - as above
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            below = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _changes(below, before.get(name, MISSING), after.get(name, MISSING))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(f"{pointer}/{index}", old, new)
    elif (was := _text(before)) != (now := _text(after)):
        yield Change(pointer=pointer, before=was, after=now)


def _text(value: Any) -> str | None:  # noqa: ANN401 - as above
    return None if value is MISSING else json.dumps(value, sort_keys=True)
