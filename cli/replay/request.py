"""What somebody typed behind `orderbus replay` or `republish`, and whether it makes sense together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import Selection
from cli.core.order_ids import orders_of
from cli.core.times import moment, refuse_empty_window
from cli.replay.consumer import Hearer, hearer

RULE_HEARS_ALL = "A replay of the archive reaches a rule, which leads all of its facts to the consumer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Whether to do it or only to say what it would be, and how: nothing of it changes what is meant."""

    sure: bool
    as_json: bool
    sleep: Callable[[float], None]
    rate: float
    action_id: str
    """Under which the audit trail has it."""
    wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The words, as typed."""

    now: datetime
    consumer: str | None = None
    into: str | None = None
    from_archive: bool = False
    orders: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    progress: Path | None = None

    def hearer(self) -> Hearer:
        """Who is to be told; a CommandError where the words contradict each other."""
        self._refuse_contradictions()
        return hearer(self.consumer or self.into or "", self.facts)

    def refuse_without_bounds(self) -> None:
        """A CommandError unless a window with two ends, or orders, are given."""
        if not self.orders and not (self.since and self.until):
            raise CommandError(
                "What is published again is bounded.",
                hint="Give --since and --until, somewhat wider than the time that is missing; or --order.",
                code=ExitCode.USAGE,
            )

    def selection(self, facts: frozenset[str] | None) -> Selection:
        """Which facts of these names are meant; None stands for every name."""
        refuse_empty_window(self.start, self.end)
        return Selection(orders=orders_of(self.orders), facts=facts, since=self.start, until=self.end)

    @property
    def start(self) -> datetime | None:
        """The moment of --since."""
        return moment(self.since, now=self.now)

    @property
    def end(self) -> datetime | None:
        """The moment of --until."""
        return moment(self.until, now=self.now)

    def __str__(self) -> str:
        said = {"consumer": self.consumer, "into": self.into, "since": self.since, "until": self.until}
        words = [f"{name} {value}" for name, value in said.items() if value]
        return ", ".join([*words, *sorted({*self.orders, *self.facts})])

    @property
    def _chooses(self) -> bool:
        return bool(self.orders or self.facts or self.since or self.until)

    def _refuse_contradictions(self) -> None:
        for sentence, hint in self._contradictions():
            raise CommandError(sentence, hint=hint, code=ExitCode.USAGE)

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        if bool(self.consumer) == bool(self.into):
            yield "Who is to be told is one consumer.", "Name it, or a new one with --into."
        if self.into and (self._chooses or self.from_archive):
            yield "--into tells a new consumer all that it would have heard.", "Leave out what chooses."
        if self.from_archive and (self.orders or self.facts or self.progress):
            hint = "--order, --fact and --progress are for a replay from the event log."
            yield RULE_HEARS_ALL, hint
        if self.from_archive and not self.since:
            yield "A replay of the archive has a beginning.", "Give --since."
        if self.consumer and not self._chooses:
            hint = f"Say which: --order, --fact, --since, --until; or all of it: --into {self.consumer}"
            yield "That would be the whole of history.", hint
