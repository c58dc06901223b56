"""The input template of a pipe: of its enrichment, or of its target.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.pipes.exceptions import ValidationException
from moto.pipes.models import Pipe

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.input_template import filled
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.target_input import find, steps_of

_PLACEHOLDER = re.compile(r"<(?P<name>\$[^<>]*|aws\.pipes\.[\w.-]+)>")
_ARNS = ("pipe-arn", "pipe-name", "source-arn", "enrichment-arn", "target-arn")
RESERVED = frozenset(f"aws.pipes.{name}" for name in (*_ARNS, "event.ingestion-time", "event", "event.json"))
_INDEX = re.compile(r"\.(\d+)(?=[.\[]|$)")
_ENCODED = {"sqs": "body", "kinesis": "data"}
"""The field of each source's records that a template sees decoded."""


def check_template(pipe: str, template: str) -> None:
    """Raise ValidationException for a template that no record can fill."""
    for name in (found["name"] for found in _PLACEHOLDER.finditer(template)):
        if name.startswith("$"):
            check_path(pipe, name)
        elif name not in RESERVED:
            raise ValidationException(f"The input template has an unknown variable: {name}.")


def check_path(pipe: str, path: str) -> None:
    """Raise for a path that is invalid or not supported."""
    if "*" in path:
        raise UnsupportedOfflineError(f"pipe {pipe}: wildcards in a JSON path are not supported: {path}")
    try:
        steps_of(path)
    except ValueError as error:
        raise ValidationException(f"The input template has an invalid path: {error}.") from error


def documents(batch: PipeBatch, template: str | None, now: datetime) -> list[str]:
    """Return the text of each item, filled into the template if there is one.

    ValueError if a filled template is not JSON.
    """
    if not template:
        return [json.dumps(item.record) for item in batch.items]
    return [
        _transformed(template, batch.pipe, item.record, decoded(batch, item), now) for item in batch.items
    ]


def _transformed(template: str, pipe: Pipe, record: object, shown: object, now: datetime) -> str:
    values: dict[str, object] = {
        "aws.pipes.pipe-arn": pipe.arn,
        "aws.pipes.pipe-name": pipe.name,
        "aws.pipes.source-arn": pipe.source,
        "aws.pipes.enrichment-arn": pipe.enrichment,
        "aws.pipes.target-arn": pipe.target,
        "aws.pipes.event.ingestion-time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "aws.pipes.event": record,
        "aws.pipes.event.json": shown,
    }

    def value_of(name: str) -> object:
        return value_at(name, shown) if name.startswith("$") else values[name]

    return filled(template, _PLACEHOLDER, value_of)


def value_at(path: str, document: object) -> object:
    """Return the value at the path; an index follows a dot or is in square brackets."""
    found = find(path, document)
    return find(_INDEX.sub(r"[\1]", path), document) if found is None else found


def decoded(batch: PipeBatch, item: PipeItem) -> object:
    """Return the record with the field that its source encodes decoded; it is a text if it is no JSON."""
    source, record = batch.pipe.source.split(":")[2], item.record
    field = "" if batch.is_enriched else _ENCODED.get(source, "")
    if not isinstance(record, Mapping) or not isinstance(record.get(field), str):
        return record
    text = record[field] if source == "sqs" else _from_base64(record[field])
    return {**record, field: _json_or_text(text)}


def _from_base64(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
