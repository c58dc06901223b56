"""A running count of the facts, for the eyes of whoever waits."""

from collections import Counter

from pocketcloud.core.journal import Journal, Kind


class OutcomeMetrics:
    """Counts each fact once, as it is recorded."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._read = 0
        self.facts: Counter[str] = Counter()

    def refresh(self) -> None:
        """Count what the journal has gained."""
        gained = self._journal.hops[self._read :]
        self._read += len(gained)
        self.facts.update(hop.event.type for hop in gained if hop.kind is Kind.RECORDED and hop.event)

    @property
    def ended(self) -> int:
        """How many orders are at their end."""
        return self.facts["ShipmentScheduled"] + self.facts["OrderCancelled"]
