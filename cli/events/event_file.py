"""A file of CloudEvents documents, and what is wrong with each: by the contracts and the public schemas."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from functions.shared.contracts.codec import Rejected, UnknownFactError, read, read_envelope
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.plausibility import Arrival, check_message
from infrastructure.topology import OUTSIDERS

OUR_ACCOUNT = "000000000000"
"""Stands for the account that puts the events, which need not be known here."""
SCHEMAS = Path(__file__).parents[2] / "schemas"


class UnusableFileError(Exception):
    """There is no document in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One document, and why it would be refused; an empty code is a good one."""

    number: int
    """Where it stands in the file, from 1."""
    event_id: str
    schema: str
    code: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        known = f"{self.event_id} {self.schema}"
        return (
            f"{self.number}: {known} {self.code}: {self.detail}"
            if self.code
            else f"{self.number}: {known} ok"
        )


def documents_in(file: Path) -> list[str]:
    """The documents of a file: one, a JSON array of them, or one a line.

    Raises:
        UnusableFileError: there is none.
        OSError: the file cannot be read.
    """
    text = file.read_text(encoding="utf-8-sig")
    try:
        whole = json.loads(text)
    except ValueError:
        found = [line for line in text.split("\n") if line.strip()]
    except RecursionError:
        raise UnusableFileError("it is nested too deeply") from None
    else:
        found = [json.dumps(each) for each in (whole if isinstance(whole, list) else [whole])]
    if not found:
        raise UnusableFileError("it holds no document")
    return found


def timed(document: str, now: datetime) -> str:
    """Return the document with `now` for its time, if it has none.

    CloudEvents leaves `time` out where the producer has no better one; our contract requires it.
    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#time
    """
    try:
        event = json.loads(document)
    except (ValueError, RecursionError):
        return document
    if not isinstance(event, dict) or "time" in event:
        return document
    return json.dumps({**event, "time": now.isoformat()})


def verdict_on(document: str, number: int, now: datetime) -> Verdict:
    """What Orderbus would make of the document, if it were put now."""
    trail = LogContext.of_document(document)
    code, detail = _fault(document, now)
    return Verdict(number=number, event_id=trail.event_id, schema=trail.schema, code=code, detail=detail)


def is_from_outside(document: str) -> bool:
    """Whether the ingress bus has a consumer for what this source says."""
    return read_envelope(document).source in OUTSIDERS


def _fault(document: str, now: datetime) -> tuple[str, str]:
    try:
        event = read(document)
        check_message(_message(document), Arrival(at=now, account=OUR_ACCOUNT, region=""))
    except Rejected as rejected:
        return rejected.code, rejected.detail
    except UnknownFactError as unknown:
        return "fact_unknown", f"there is no fact {unknown}"
    envelope = read_envelope(document)
    owner, name, version = envelope.dataschema.split(":")[-3:]
    complaints = _complaints(owner, f"{name}.v{version}", json.loads(bytes(envelope.data)))
    first = next(complaints, None)
    return ("", "") if first is None else ("schema_violated", f"{first} ({type(event.fact).__name__})")


def _message(document: str) -> str:
    """Return the message that EventBridge makes of a document, as far as a consumer looks at it."""
    envelope = read_envelope(document)
    source, detail_type = json.dumps(envelope.source), json.dumps(envelope.type)
    fields = f'"source":{source},"detail-type":{detail_type},"account":"{OUR_ACCOUNT}"'
    return f'{{{fields},"detail":{document}}}'


def _complaints(owner: str, name: str, data: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    for error in _validator(SCHEMAS / owner / f"{name}.json").iter_errors(data):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"


@cache
def _validator(schema: Path) -> Draft4Validator:
    return Draft4Validator(json.loads(schema.read_text(encoding="utf-8")))
