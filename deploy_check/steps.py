"""Steps as data: each has a name and does one thing; a run carries them out in order and times them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """One promise of the run: `do` keeps it and answers what it saw, or raises in its own words."""

    name: str
    do: Callable[[State], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step."""

    step: str
    passed: bool
    seconds: float
    words: str


def carry_out(
    steps: Sequence[Step[State]], state: State, *, watch: Callable[[Outcome], None]
) -> list[Outcome]:
    """Do the steps one after the other and stop at the first that fails; `watch` hears of each at once."""
    outcomes: list[Outcome] = []
    for step in steps:
        outcomes.append(_done(step, state))
        watch(outcomes[-1])
        if not outcomes[-1].passed:
            break
    return outcomes


def _done(step: Step[State], state: State) -> Outcome:
    begun = time.monotonic()
    try:
        passed, words = True, step.do(state)
    except Exception as error:  # noqa: BLE001 - whatever a step raises is how it failed, and is reported so
        passed, words = False, f"{type(error).__name__}: {error}"
    return Outcome(step.name, passed, time.monotonic() - begun, words)
