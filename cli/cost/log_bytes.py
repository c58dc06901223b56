"""The bytes that one order writes to CloudWatch Logs, by their kind. No I/O."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBytes:
    """Bytes of one order."""

    messages: float = 0.0
    """Lines about messages, as far as the stage logs successes."""
    metrics: float = 0.0
    """Embedded metrics."""
    platform: float = 0.0
    """Lambda's own lines, unless the stage turns them off."""
    access: float = 0.0
    """API Gateway's access log."""

    @property
    def total(self) -> float:
        """All bytes."""
        return self.messages + self.metrics + self.platform + self.access

    @property
    def of_functions(self) -> float:
        """The bytes without the access log."""
        return self.total - self.access

    def times(self, share: float) -> "LogBytes":
        """Return that share of the bytes."""
        return LogBytes(**{each.name: getattr(self, each.name) * share for each in fields(self)})

    def plus(self, other: "LogBytes") -> "LogBytes":
        """Return the sum by kind."""
        return LogBytes(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )
