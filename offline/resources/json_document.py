"""JSON documents in properties, which templates write as objects and the services take as text."""

import json

from offline.intrinsics import Value


def as_text(document: Value) -> str:
    """The document as JSON text; text stays as it is."""
    return document if isinstance(document, str) else json.dumps(document)


def as_attribute(value: Value) -> str:
    """The value as SQS and SNS take attributes: always text."""
    return value if isinstance(value, str) else json.dumps(value)
