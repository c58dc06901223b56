"""Nondeterministic automata of expressions (Thompson's construction)."""

from functools import cache

from cli.schema.compatibility.regex.charset import Charset
from cli.schema.compatibility.regex.syntax import Alternation, Chars, Concatenation, Expression, Repetition
from cli.schema.compatibility.verdict import UndecidableError

MAXIMUM_STATES = 4_000


class Automaton:
    """States are numbers; 0 is the first and `final` the accepting one."""

    def __init__(self) -> None:
        self.silent: list[list[int]] = [[]]
        self.moves: list[list[tuple[Charset, int]]] = [[]]
        self.final = 0

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """Return the states and those reached without a character."""
        reached, waiting = set(states), list(states)
        while waiting:
            for target in self.silent[waiting.pop()]:
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return frozenset(reached)

    def add(self, expression: Expression, start: int) -> int:
        """Add the expression after the state `start`, and return its last state."""
        match expression:
            case Chars(chars):
                end = self._state()
                self.moves[start].append((chars, end))
                return end
            case Concatenation(parts):
                for part in parts:
                    start = self.add(part, start)
                return start
            case Alternation(branches):
                end = self._state()
                for branch in branches:
                    first = self._state()
                    self.silent[start].append(first)
                    self.silent[self.add(branch, first)].append(end)
                return end
            case Repetition():
                return self._repeat(expression, start)

    def _repeat(self, repetition: Repetition, start: int) -> int:
        for _ in range(repetition.least):
            start = self.add(repetition.part, start)
        end = self._state()
        if repetition.most is None:
            loop = self._state()
            self.silent[start].append(loop)
            self.silent[self.add(repetition.part, loop)].append(loop)
            self.silent[loop].append(end)
            return end
        for _ in range(repetition.most - repetition.least):
            self.silent[start].append(end)
            start = self.add(repetition.part, start)
        self.silent[start].append(end)
        return end

    def _state(self) -> int:
        self.silent.append([])
        self.moves.append([])
        return len(self.silent) - 1


@cache
def size_of(expression: Expression) -> int:
    """Return about the size of its automaton."""
    match expression:
        case Chars():
            return 1
        case Concatenation(parts):
            return sum(map(size_of, parts))
        case Alternation(branches):
            return 1 + sum(1 + size_of(branch) for branch in branches)
        case Repetition(part, least, most):
            return 2 + size_of(part) * (least + 1 if most is None else most)


@cache
def automaton(expression: Expression) -> Automaton:
    """Return the automaton of the expression; raise UndecidableError if it is too large."""
    if size_of(expression) > MAXIMUM_STATES:
        raise UndecidableError("a pattern has too many states")
    built = Automaton()
    built.final = built.add(expression, 0)
    return built
