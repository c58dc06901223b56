"""Show a replay of the event log: text for people, JSON for scripts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from cli.core.event_log_reader import Place
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.replay.progress_file import ReplayProgress


@dataclass(slots=True, kw_only=True)
class ReplayReport:
    """The facts that were or would be sent, and the number of requests."""

    replay: str
    to: str
    facts: dict[str, int]
    """Facts left to send at the start, by name."""
    due: int
    requests_to_send: int
    seconds_at_least: int
    sent_before: int
    sent: int = 0
    done: bool = False
    requests_to_read: int = 0
    refused: list[str] = field(default_factory=list)
    """Ids of events that the receiver rejected for good."""
    unreadable: list[str] = field(default_factory=list)
    """Keys of unreadable rows of the event log."""
    notes: list[str] = field(default_factory=list)

    @classmethod
    def planned(
        cls, to: str, before: ReplayProgress, due: Sequence[Place], *, batch_size: int, rate: float
    ) -> "ReplayReport":
        """Return the report before anything is sent."""
        return cls(
            replay=before.replay,
            to=to,
            facts=dict(sorted(Counter(place.fact for place in due).items())),
            due=len(due),
            requests_to_send=ceil(len(due) / batch_size),
            seconds_at_least=round(len(due) / rate),
            sent_before=before.sent,
        )

    def print(self, *, as_json: bool) -> ExitCode:
        """Print the report and return the exit code."""
        if as_json:
            write_json(self.as_json())
        else:
            console = terminal()
            for line in self._lines():
                console.print(line)
        return ExitCode.INCOMPLETE if self.refused or self.unreadable else ExitCode.OK

    def as_json(self) -> dict[str, Any]:
        """Return one JSON object."""
        return asdict(self)

    def _lines(self) -> list[str]:
        facts = ", ".join(f"{count} {fact}" for fact, count in self.facts.items())
        before = f"; {self.sent_before} were sent before" if self.sent_before else ""
        return [
            f"{self.due} facts for {self.to}{': ' if facts else ''}{facts}{before}.",
            f"The event log was read in {self.requests_to_read} requests.",
            *self.notes,
            *(f"cannot be read: {row}" for row in self.unreadable),
            *(f"cannot be sent: {event}" for event in self.refused),
            self._summary(),
        ]

    def _summary(self) -> str:
        if self.done:
            return f"Sent {self.sent - len(self.refused)} as {self.replay}."
        if not self.due:
            return "There is nothing to send."
        cost = f"{self.requests_to_send} requests, {self.seconds_at_least} s at least"
        return f"Nothing was sent. Add --yes to send it: {cost}."
