"""The health of each component: a queue, its dead-letter queue and its function."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.status.metrics import AlarmStatus, MetricValues

UNITS_PER_SECOND = {"ApproximateAgeOfOldestMessage": 1, "IteratorAge": 1000}
"""The metrics of a component's delay, with the units of each in a second."""


class State(StrEnum):
    """The state of a component, from best to worst."""

    OK = "ok"
    LATE = "late"
    """A message is older than the objective or dead-lettered, and no alarm fires yet."""
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A queue, a function, or both, with the dead-letter queue; None for what it lacks."""

    name: str
    waiting: int | None
    in_flight: int | None
    oldest: float | None
    """The age in seconds of the oldest message in the queue, or of the last record of a stream."""
    objective: float | None
    """The age in seconds at which an alarm fires; None without such an alarm."""
    dead_letters: int | None
    invocations: int | None
    errors: int | None
    throttles: int | None
    firing: tuple[str, ...]
    """The names of its alarms that fire."""

    @property
    def state(self) -> State:
        """Return the state by its alarms, age and dead-letter queue."""
        if self.firing:
            return State.ALARM
        is_late = self.oldest is not None and self.objective is not None and self.oldest >= self.objective
        return State.LATE if is_late or self.dead_letters else State.OK


def components_of(
    depths: Mapping[str, tuple[int, int]],
    functions: Iterable[str],
    alarms: Sequence[AlarmStatus],
    values: MetricValues,
) -> list[Component]:
    """Return a component for each queue, function and owner of metric values, by name.

    The dead-letter queue counts to the component of its source.
    """
    names = {name.removesuffix("-dlq") for name in depths}.union(functions, (owner for owner, _ in values))
    return [_component(name, depths, alarms, values) for name in sorted(names)]


def _component(
    name: str, depths: Mapping[str, tuple[int, int]], alarms: Sequence[AlarmStatus], values: MetricValues
) -> Component:
    own = [alarm for alarm in alarms if alarm.owner in {name, f"{name}-dlq"}]
    waiting, in_flight = depths.get(name, (None, None))
    ages = [
        values[name, metric] / unit for metric, unit in UNITS_PER_SECOND.items() if (name, metric) in values
    ]
    objectives = [
        alarm.threshold / UNITS_PER_SECOND[alarm.metric]
        for alarm in own
        if alarm.metric in UNITS_PER_SECOND and alarm.threshold is not None
    ]
    invocations, errors, throttles = (
        int(values[name, metric]) if (name, metric) in values else None
        for metric in ("Invocations", "Errors", "Throttles")
    )
    return Component(
        name=name,
        waiting=waiting,
        in_flight=in_flight,
        oldest=max(ages, default=None),
        objective=min(objectives, default=None),
        # Messages in flight are being inspected by another command.
        dead_letters=sum(depths[f"{name}-dlq"]) if f"{name}-dlq" in depths else None,
        invocations=invocations,
        errors=errors,
        throttles=throttles,
        firing=tuple(alarm.name for alarm in own if alarm.fires),
    )
