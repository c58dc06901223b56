"""The random choices of a run, drawn from its seed and recorded, to repeat and shorten the run.

Zero is always the calm choice: no fault, no delay, the first option. So a script that is shorter, or has
entries set to zero, is a calmer run of the same kind.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Draw choices from the seed, or read them from the script of an earlier run."""

    def __init__(self, seed: int, script: Sequence[int] | None = None) -> None:
        self._random = Random(f"choices {seed}")
        self._script = script
        self.taken: list[int] = []

    def chance(self, probability: float) -> bool:
        """Return whether an event of this probability happens."""
        return bool(self._take(2, lambda: int(self._random.random() < probability)))

    def below(self, limit: int) -> int:
        """Return a number from zero up to, but not including, the limit."""
        return self._take(limit, lambda: self._random.randrange(limit))

    def one_of(self, options: Sequence[T]) -> T:
        """Return one option; the first is the calm one."""
        return options[self.below(len(options))]

    def weighted(self, options: Mapping[T, float]) -> T:
        """Return one option, with a probability by its weight; the first is the calm one."""
        names = list(options)
        weights = list(options.values())
        return names[self._take(len(names), lambda: self._random.choices(range(len(names)), weights)[0])]

    def seconds(self, low: float, high: float) -> float:
        """Return a number of seconds, one of eight values between the two."""
        return low + (high - low) * self.below(8) / 7

    def _take(self, limit: int, draw: Callable[[], int]) -> int:
        if self._script is None:
            value = draw()
        else:
            position = len(self.taken)
            value = min(self._script[position], limit - 1) if position < len(self._script) else 0
        self.taken.append(value)
        return value
