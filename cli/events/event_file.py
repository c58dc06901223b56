"""A file of CloudEvents documents, each validated by the contracts and the public schemas."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from cli.core.checkout import ROOT
from functions.shared.contracts.codec import Rejected, UnknownFactError, read, read_envelope
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.received import Arrival, check_message
from infrastructure.topology import OUTSIDERS

OUR_ACCOUNT = "000000000000"
"""A placeholder for the account that puts the events."""
SCHEMAS = ROOT / "schemas"


class UnusableFileError(Exception):
    """The file contains no document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One document, and why Orderbus rejects it; the code is empty if it accepts it."""

    number: int
    """Its position in the file, from 1."""
    event_id: str
    schema: str
    code: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        result = f"{self.code}: {self.detail}" if self.code else "ok"
        return f"{self.number}: {self.event_id} {self.schema} {result}"


def documents_in(file: Path) -> list[str]:
    """Return the documents of a file: one, a JSON array of them, or one per line.

    Raises:
        UnusableFileError: the file contains no document.
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
        raise UnusableFileError("it contains no document")
    return found


def with_time(document: str, now: datetime) -> str:
    """Return the document with `now` as its time if it has none.

    `time` is optional in CloudEvents; our contract requires it.
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
    """Return whether Orderbus accepts the document if it is put now."""
    context = LogContext.of_document(document)
    code, detail = _fault(document, now)
    return Verdict(number=number, event_id=context.event_id, schema=context.schema, code=code, detail=detail)


def is_from_outside(document: str) -> bool:
    """Return whether the ingress bus accepts events of this source."""
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
    errors = _schema_errors(owner, f"{name}.v{version}", json.loads(bytes(envelope.data)))
    first = next(errors, None)
    return ("", "") if first is None else ("schema_violated", f"{first} ({type(event.fact).__name__})")


def _message(document: str) -> str:
    """Return the EventBridge message of a document, with the fields that a consumer checks."""
    envelope = read_envelope(document)
    source, detail_type = json.dumps(envelope.source), json.dumps(envelope.type)
    fields = f'"source":{source},"detail-type":{detail_type},"account":"{OUR_ACCOUNT}"'
    return f'{{{fields},"detail":{document}}}'


def _schema_errors(owner: str, name: str, data: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    for error in _validator(SCHEMAS / owner / f"{name}.json").iter_errors(data):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"


@cache
def _validator(schema: Path) -> Draft4Validator:
    return Draft4Validator(json.loads(schema.read_text(encoding="utf-8")))
