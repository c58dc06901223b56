"""Every decision of a run, taken by the seed and written down, so that a run can be repeated and shortened.

Zero is always the calm choice: no fault, no detour, the first in line. A script that has run out, or whose
entries were set to zero, therefore stands for a calmer run of the same kind.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Draws from the seed, or reads from a script that an earlier run wrote."""

    def __init__(self, seed: int, script: Sequence[int] | None = None) -> None:
        self._random = Random(f"choices {seed}")
        self._script = script
        self.taken: list[int] = []

    def chance(self, probability: float) -> bool:
        """Whether it happens."""
        return bool(self._take(2, lambda: int(self._random.random() < probability)))

    def below(self, limit: int) -> int:
        """A number from zero up to, but not including, the limit."""
        return self._take(limit, lambda: self._random.randrange(limit))

    def one_of(self, options: Sequence[T]) -> T:
        """One of them; the first is the calm one."""
        return options[self.below(len(options))]

    def weighted(self, options: Mapping[T, float]) -> T:
        """One of them, as often as its weight says; the first is the calm one."""
        names = list(options)
        weights = list(options.values())
        return names[self._take(len(names), lambda: self._random.choices(range(len(names)), weights)[0])]

    def seconds(self, low: float, high: float) -> float:
        """A stretch of time, one of eight between the two."""
        return low + (high - low) * self.below(8) / 7

    def _take(self, limit: int, draw: Callable[[], int]) -> int:
        if self._script is None:
            value = draw()
        else:
            position = len(self.taken)
            value = min(self._script[position], limit - 1) if position < len(self._script) else 0
        self.taken.append(value)
        return value
