"""A fact as a line of `orderbus events tail`; its payload only on request."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from cli.core.event_history import reason_in
from functions.shared.contracts.codec import read_envelope
from functions.shared.contracts.log_context import UNREADABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class TailedFact:
    """One fact and its payload."""

    time: datetime
    fact: str
    owner: str
    subject: str
    id: str
    causation_id: str = UNREADABLE
    correlation_id: str = UNREADABLE
    reason: str | None = None
    data: object = None

    @classmethod
    def of(cls, document: str) -> Self:
        """Return the fact of a CloudEvents document; raise `Rejected` if it is not one."""
        envelope = read_envelope(document)
        return cls(
            time=envelope.timestamp,
            fact=envelope.type,
            owner=envelope.source,
            subject=envelope.subject,
            id=envelope.id,
            causation_id=envelope.causationid,
            correlation_id=envelope.correlationid,
            reason=reason_in(envelope.data),
            data=json.loads(bytes(envelope.data)),
        )

    def as_json(self, *, data: bool) -> dict[str, Any]:
        """One JSON object."""
        document = {
            "time": self.time.astimezone(UTC).isoformat(),
            "fact": self.fact,
            "owner": self.owner,
            "subject": self.subject,
            "id": self.id,
            "causation_id": self.causation_id,
            "correlation_id": self.correlation_id,
            "reason": self.reason,
        }
        return {**document, "data": self.data} if data else document

    def lines(self, *, data: bool) -> list[str]:
        """Return a line of text, and a second one with the payload if `data` is set."""
        time = f"{self.time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]
        reason = f"  ({self.reason})" if self.reason else ""
        first = f"{time}  {self.fact:<18} {self.subject}  {self.id}{reason}"
        return [first, f"    {json.dumps(self.data, ensure_ascii=False)}"] if data else [first]
