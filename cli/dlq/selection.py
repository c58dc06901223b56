"""Which dead letters are meant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.dlq.message import DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Those for which all that is given holds; nothing given means all."""

    now: datetime
    message: str | None = None
    reason: str | None = None
    fact: str | None = None
    order: str | None = None
    consumer: str | None = None
    older_than: timedelta | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether this one is meant."""
        said = (
            (self.reason, letter.reason),
            (self.fact, letter.label.type),
            (self.order, letter.label.order),
            (self.consumer, letter.box.hop.name),
        )
        return (
            all(wanted in {None, there} for wanted, there in said)
            and letter.message_id.startswith(self.message or "")
            and (self.older_than is None or self.now - letter.sent_at >= self.older_than)
        )

    def __str__(self) -> str:
        """What was given, for the audit trail."""
        given = {
            "message": self.message,
            "reason": self.reason,
            "fact": self.fact,
            "order": self.order,
            "consumer": self.consumer,
            "older than": self.older_than,
        }
        return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None) or "all"
