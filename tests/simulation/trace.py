"""What happened in a run, in order: its hash tells whether two runs were the same."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from pocketcloud.virtual_time.clock import Clock


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow from source to target, or a note about one of them."""

    at: float
    source: str
    target: str
    text: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.at:10.3f} {self.source} -> {self.target}: {self.text} {self.fault}".rstrip()


class Trace:
    """The steps of one run, and the scary states that it was seen in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.now()
        self.steps: list[Step] = []
        self.reached: Counter[str] = Counter()

    def write(self, source: str, target: str, text: str, fault: str = "") -> None:
        """Note a step; a fault counts as seen."""
        at = (self._clock.now() - self.began).total_seconds()
        self.steps.append(Step(at, source, target, text, fault))
        if fault:
            self.reached[fault] += 1

    def saw(self, state: str) -> None:
        """Note that the run was in such a state."""
        self.reached[state] += 1

    def digest(self) -> str:
        """The same for two runs that did the same at the same times."""
        return hashlib.sha256("\n".join(map(str, self.steps)).encode()).hexdigest()[:16]
