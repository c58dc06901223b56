"""Find a shorter, calmer script of choices that still breaks the same invariant, by delta debugging.

https://www.st.cs.uni-saarland.de/papers/tse2002/
"""

from collections.abc import Callable, Sequence

from tests.simulation.diagram import sequence_diagram
from tests.simulation.run import Outcome

MAXIMUM_RUNS = 120


class Shrinking:
    """Set stretches of choices to zero, the calm choice, while the run still breaks the invariant."""

    def __init__(
        self,
        outcome: Outcome,
        repeat: Callable[[Sequence[int]], Outcome],
        *,
        maximum_runs: int = MAXIMUM_RUNS,
    ) -> None:
        self.best = outcome
        self._repeat = repeat
        self._left = maximum_runs
        self._invariant = _invariant(outcome)

    def shrunk(self) -> Outcome:
        """Return the calmest run found within the allowed number of runs."""
        width = max(1, len(self.best.choices) // 2)
        self._cut()
        while width and self._left > 0:
            for start in range(0, len(self.best.choices), width):
                self._try(_zeroed(self.best.choices, start, start + width))
            width //= 2
        return self.best

    def _cut(self) -> None:
        """Try to drop the end first: its choices seldom matter."""
        length = len(self.best.choices)
        while length > 1 and self._left > 0:
            length //= 2
            if not self._try(self.best.choices[:length]):
                return

    def _try(self, script: Sequence[int]) -> bool:
        if self._left <= 0 or not any(script) or tuple(script) == tuple(self.best.choices):
            return False
        self._left -= 1
        outcome = self._repeat(script)
        broken = outcome.violation is not None and _invariant(outcome) == self._invariant
        if broken and outcome.faults <= self.best.faults:
            self.best = outcome
            return True
        return False


def _zeroed(choices: Sequence[int], start: int, end: int) -> list[int]:
    return [0 if start <= place < end else value for place, value in enumerate(choices)]


def _invariant(outcome: Outcome) -> str:
    return (outcome.violation or "").partition(" ")[0]


def report(outcome: Outcome) -> str:
    """Return the violation, the faults and the diagram of a run, for a person to analyse."""
    faults = [str(step) for step in outcome.steps if step.fault]
    return "\n".join(
        [
            f"seed {outcome.seed} breaks {outcome.violation}",
            f"{len(faults)} faults are enough:",
            *faults,
            "",
            sequence_diagram(outcome.steps),
            "",
            f"again: python -m tests.simulation --seed {outcome.seed}",
        ]
    )
