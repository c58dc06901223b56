"""Run named steps in order, and measure each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class CheckStep(Generic[State]):
    """A check with a name; `do` returns a result to print, or raises an error."""

    name: str
    do: Callable[[State], str]


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of one step."""

    step: str
    passed: bool
    seconds: float
    message: str


def run_steps(
    steps: Sequence[CheckStep[State]], state: State, *, report_step: Callable[[StepResult], None]
) -> list[StepResult]:
    """Run the steps up to the first failure; call `report_step` after each."""
    results: list[StepResult] = []
    for step in steps:
        results.append(_run_step(step, state))
        report_step(results[-1])
        if not results[-1].passed:
            break
    return results


def _run_step(step: CheckStep[State], state: State) -> StepResult:
    started = time.monotonic()
    try:
        passed, message = True, step.do(state)
    except Exception as error:  # noqa: BLE001 - any error is the result of the step
        passed, message = False, f"{type(error).__name__}: {error}"
    return StepResult(step.name, passed, time.monotonic() - started, message)
