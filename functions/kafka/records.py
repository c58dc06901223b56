"""Records of a Kafka topic as Lambda passes them: base64 values, headers as lists of signed bytes.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

import base64
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from functions.bridges.cloud_event import KAFKA, document_of
from functions.bridges.ingress import Incoming
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.batch import NotABatchError

SOURCES = frozenset({"aws:kafka", "SelfManagedKafka"})
"""Event sources in Lambda's events: Amazon MSK, and any other cluster."""


def incoming(event: Mapping[str, Any]) -> list[Incoming]:
    """Return the records of every partition; raise `NotABatchError` for another source's event."""
    if event.get("eventSource") not in SOURCES or not event.get("records"):
        raise NotABatchError("The event has no records of Kafka; connect the function to Kafka only.")
    return [_incoming(record) for records in event["records"].values() for record in records]


def failure_of(identifier: str) -> dict[str, Any]:
    """Return the item of the response that makes Lambda deliver the record again.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """
    partition, _, offset = identifier.rpartition(":")
    return {"itemIdentifier": {"partition": partition, "offset": int(offset)}}


def _incoming(record: Mapping[str, Any]) -> Incoming:
    document = partial(_document, record)
    return Incoming(
        identifier=f"{record['topic']}-{record['partition']}:{record['offset']}",
        arrived_ms=int(record["timestamp"]),
        content=_content(record),
        document=document,
    )


def _document(record: Mapping[str, Any]) -> str:
    body = base64.b64decode(record.get("value") or "")
    return document_of(_headers(record), body, KAFKA)


def _content(record: Mapping[str, Any]) -> str:
    """Return what the dead-letter queue gets: the document if there is one, else the record as it came."""
    try:
        return _document(record)
    except Rejected:
        return json.dumps(record)


def _headers(record: Mapping[str, Any]) -> Iterator[tuple[str, bytes | None]]:
    for chunk in record.get("headers") or ():
        for name, value in chunk.items():
            yield name, None if value is None else bytes(byte % 256 for byte in value)
