"""The pass criteria of a load test. No I/O."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from load.journeys import OrderJourney

MAXIMUM_LATENESS_SECONDS = 2.0
"""A driver that is later than this does not test the rate that it was asked for."""
NONE = "no value"
PERCENTILES = {"p50": 0.5, "p95": 0.95, "maximum": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """The pass criteria of a stage."""

    within_seconds: float
    relay_lag_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The measurements of the driver."""

    published: int
    accepted: int
    late_seconds: float
    """Maximum delay of a batch."""
    journeys: Sequence[OrderJourney]
    relay_lag_ms: float | None
    """None if CloudWatch had no value."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A goal and what was measured."""

    name: str
    goal: str
    measured: str
    is_passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """The verdict, and the figures behind it."""

    criteria: tuple[Criterion, ...]
    ends: dict[str, int]
    """The orders by the fact that ended them."""
    percentiles: dict[str, float]
    """Seconds from creation to the end."""

    @property
    def is_passed(self) -> bool:
        """Whether every criterion is met."""
        return all(each.is_passed for each in self.criteria)

    def as_json(self) -> dict[str, Any]:
        """Return the result for scripts."""
        return {
            "passed": self.is_passed,
            "criteria": [
                {"name": each.name, "goal": each.goal, "measured": each.measured, "passed": each.is_passed}
                for each in self.criteria
            ],
            "ends": self.ends,
            "seconds_to_end": self.percentiles,
        }


def judged(measured: Measured, goals: Goals) -> LoadResult:
    """Judge the run; what was not measured is missed."""
    journeys, total = measured.journeys, measured.published
    seconds = sorted(each.seconds for each in journeys if each.seconds is not None)
    lag_ms = measured.relay_lag_ms
    criteria = (
        _at_most("the driver is late by", measured.late_seconds, MAXIMUM_LATENESS_SECONDS),
        _all_of("events accepted", measured.accepted, total),
        _all_of("orders created", sum(each.created_at is not None for each in journeys), total),
        _all_of(
            f"orders ended within {goals.within_seconds:g} s",
            sum(each <= goals.within_seconds for each in seconds),
            total,
        ),
        _at_most("the relay lags by", None if lag_ms is None else lag_ms / 1000, goals.relay_lag_seconds),
    )
    return LoadResult(
        criteria=criteria,
        ends=dict(sorted(Counter(each.final for each in journeys if each.final).items())),
        percentiles={name: _percentile(seconds, share) for name, share in PERCENTILES.items() if seconds},
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least that share of the values does not exceed."""
    return round(ordered[ceil(share * len(ordered)) - 1], 3)


def _all_of(name: str, number: int, total: int) -> Criterion:
    return Criterion(name, f"{total}", f"{number}", is_passed=number == total)


def _at_most(name: str, seconds: float | None, maximum: float) -> Criterion:
    goal = f"{maximum:g} s at most"
    if seconds is None:
        return Criterion(name, goal, NONE, is_passed=False)
    return Criterion(name, goal, f"{seconds:.3f} s", is_passed=seconds <= maximum)
