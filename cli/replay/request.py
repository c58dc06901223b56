"""The request of `orderbus replay` or `orderbus republish`, as typed, and its validation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import FactSelection, order_ids
from cli.core.times import parse_time, require_window
from infrastructure.services import Service
from infrastructure.topology import SERVICES, TOPOLOGY, fact, is_external
from infrastructure.triggers import EventStream


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options of every kind of replay."""

    is_confirmed: bool
    """Whether --yes was given; otherwise only show what would be done."""
    as_json: bool
    sleep: Callable[[float], None]
    rate: float
    """The maximum of facts per second."""
    action_id: str
    """The id in the audit trail."""
    wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayConsumer:
    """A consumer, and the facts to replay to it."""

    name: str
    facts: frozenset[str]
    stream_module: str | None = None
    """The module of its function that reads the ordered stream, in a stage where that replaces the queue."""

    @classmethod
    def named(cls, name: str, facts: Sequence[str] = ()) -> "ReplayConsumer":
        """Return the consumer with these facts, by default all; raise CommandError if it takes no replays."""
        service = next((known for known in SERVICES + TOPOLOGY.bridges if known.name == name), None)
        if service is None:
            known = ", ".join(sorted(each.name for each in SERVICES))
            raise CommandError(
                f"There is no consumer {name}.", hint=f"The consumers are {known}.", code=ExitCode.USAGE
            )
        if not service.queue.accepts_replays:
            raise CommandError(
                f"{name} ignores replayed facts, as its effects cannot be undone.",
                hint="Nothing was sent (docs/decisions/0022). `orderbus dlq ls` lists its failed messages.",
                code=ExitCode.USAGE,
            )
        replayable = frozenset(each for each in service.reacts_to if not is_external(fact(each)))
        for each in facts:
            if each not in replayable:
                hint = f"Facts that can be replayed to it: {', '.join(sorted(replayable))}."
                raise CommandError(_not_replayable(service, each), hint=hint, code=ExitCode.USAGE)
        modules = (each.module for each in service.functions if isinstance(each.trigger, EventStream))
        chosen = frozenset(facts) if facts else replayable
        return cls(name=name, facts=chosen, stream_module=next(modules, None))


def _not_replayable(service: Service, name: str) -> str:
    if name in service.reacts_to:
        return f"{name} arrives on the ingress bus, so neither the event log nor the archive has it."
    return f"{service.name} does not react to {name}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """The selection of a replay: the options as typed."""

    now: datetime
    consumer: str | None = None
    into: str | None = None
    from_archive: bool = False
    orders: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    progress: Path | None = None

    def replay_consumer(self) -> ReplayConsumer:
        """Return the consumer; raise CommandError if options contradict each other."""
        for error, hint in self._contradictions():
            raise CommandError(error, hint=hint, code=ExitCode.USAGE)
        return ReplayConsumer.named(self.consumer or self.into or "", self.facts)

    def require_bounds(self) -> None:
        """Raise CommandError without a window with both ends or an order."""
        if not self.orders and not (self.since and self.until):
            raise CommandError(
                "This would republish the entire event log.",
                hint="Give --since and --until, somewhat wider than the missing time; or --order.",
                code=ExitCode.USAGE,
            )

    def selection(self, facts: frozenset[str] | None) -> FactSelection:
        """Return the selection of facts with these names; None stands for every name."""
        require_window(self.start, self.end)
        return FactSelection(orders=order_ids(self.orders), facts=facts, since=self.start, until=self.end)

    @property
    def start(self) -> datetime | None:
        """The time of --since."""
        return parse_time(self.since, now=self.now)

    @property
    def end(self) -> datetime | None:
        """The time of --until."""
        return parse_time(self.until, now=self.now)

    def __str__(self) -> str:
        options = {"consumer": self.consumer, "into": self.into, "since": self.since, "until": self.until}
        texts = [f"{name} {value}" for name, value in options.items() if value]
        return ", ".join([*texts, *sorted({*self.orders, *self.facts})])

    @property
    def _is_selective(self) -> bool:
        return bool(self.orders or self.facts or self.since or self.until)

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        if bool(self.consumer) == bool(self.into):
            yield "Name exactly one consumer.", "Name it as the argument, or a new one with --into."
        if self.into and (self._is_selective or self.from_archive):
            yield (
                "--into replays all facts that a new consumer consumes.",
                "Leave out --order, --fact, --since, --until and --from-archive.",
            )
        if self.from_archive and (self.orders or self.facts or self.progress):
            yield (
                "A replay from the archive sends all facts of the consumer's rule.",
                "--order, --fact and --progress need a replay from the event log.",
            )
        if self.from_archive and not self.since:
            yield "A replay from the archive needs a start.", "Give --since."
        if self.consumer and not self._is_selective:
            hint = f"Narrow it with --order, --fact, --since or --until; or use --into {self.consumer}."
            yield "This would replay the entire event log.", hint
