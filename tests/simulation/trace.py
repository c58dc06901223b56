"""The steps of a run in order; equal digests mean equal runs."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from pocketcloud.virtual_time.clock import Clock


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a message from source to target, or an event at one of them."""

    at: float
    source: str
    target: str
    text: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.at:10.3f} {self.source} -> {self.target}: {self.text} {self.fault}".rstrip()


class Trace:
    """The steps of one run, and the states that it reached."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.now()
        self.steps: list[Step] = []
        self.reached: Counter[str] = Counter()

    def write(self, source: str, target: str, text: str, fault: str = "") -> None:
        """Record a step; a fault counts as a state reached."""
        at = (self._clock.now() - self.began).total_seconds()
        self.steps.append(Step(at, source, target, text, fault))
        if fault:
            self.reached[fault] += 1

    def saw(self, state: str) -> None:
        """Record that the run reached a state."""
        self.reached[state] += 1

    def digest(self) -> str:
        """Return a digest that is equal for runs with the same steps at the same times."""
        return hashlib.sha256("\n".join(map(str, self.steps)).encode()).hexdigest()[:16]
