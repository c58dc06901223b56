"""One record of a partition."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pocketcloud.core.journal import EventRef, event_in_text

Header = tuple[str, bytes | None]


@dataclass(frozen=True)
class KafkaRecord:
    """A value with its key and headers, in its place in a partition."""

    topic: str
    partition: int
    number: int
    """Its offset."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    written_at: datetime

    @property
    def sequence(self) -> str:
        """Its partition and offset, by which a function reports it as failed."""
        return f"{self.topic}-{self.partition}:{self.number}"

    @property
    def order_key(self) -> str:
        """The key whose records stay in order."""
        return (self.key or b"").hex()

    @property
    def id(self) -> str:
        """Its id in the journal."""
        return self.sequence

    @cached_property
    def text(self) -> str:
        """The value as text; empty if it is none."""
        return (self.value or b"").decode(errors="ignore")

    @cached_property
    def event(self) -> EventRef | None:
        """The CloudEvent in structured or binary mode, if any."""
        found = {name: (value or b"").decode(errors="ignore") for name, value in self.headers}
        if "ce_id" in found:
            return EventRef(found["ce_id"], found.get("ce_type", ""), found.get("ce_subject", ""))
        return event_in_text(self.text)

    def as_lambda_record(self) -> dict[str, Any]:
        """Return the record as a function receives it: base64, and headers as lists of signed bytes.

        https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
        """
        encoded = {
            name: base64.b64encode(content).decode()
            for name, content in (("key", self.key), ("value", self.value))
            if content is not None
        }
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.number,
            "timestamp": int(self.written_at.timestamp() * 1000),
            "timestampType": "CREATE_TIME",
            **encoded,
            "headers": [{name: _signed(value)} for name, value in self.headers],
        }


def _signed(value: bytes | None) -> list[int] | None:
    return None if value is None else list(memoryview(value).cast("b"))
