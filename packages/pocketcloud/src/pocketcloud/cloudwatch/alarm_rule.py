"""Parse the rule of a composite alarm: `ALARM(a) OR (ALARM("b") AND NOT OK(c))`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

StateOf = Callable[[str], str]
Rule = Callable[[StateOf], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<quote>\"?)(?P<alarm>[^\"()]+?)(?P=quote)\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<mark>[()]))"
)


class InvalidRuleError(ValueError):
    """The rule has a syntax error."""


@dataclass(slots=True)
class CompositeRule:
    """A rule, and the names of the alarms in it."""

    text: str
    alarms: set[str] = field(default_factory=set)
    holds: Rule = field(init=False)
    """Returns whether the rule is true, given each alarm's state."""

    def __post_init__(self) -> None:
        tokens = _Tokens(self.text)
        self.holds = self._either(tokens)
        if tokens.next is not None:
            raise InvalidRuleError(f"unexpected text after the rule: {self.text}")

    def _either(self, tokens: "_Tokens") -> Rule:
        left = self._both(tokens)
        while tokens.take("OR"):
            left = _either(left, self._both(tokens))
        return left

    def _both(self, tokens: "_Tokens") -> Rule:
        left = self._one(tokens)
        while tokens.take("AND"):
            left = _both(left, self._one(tokens))
        return left

    def _one(self, tokens: "_Tokens") -> Rule:
        if tokens.take("NOT"):
            negated = self._one(tokens)
            return lambda state_of: not negated(state_of)
        if tokens.take("("):
            inner = self._either(tokens)
            tokens.expect(")")
            return inner
        for word in ("TRUE", "FALSE"):
            if tokens.take(word):
                return lambda _state_of, constant=word: constant == "TRUE"  # type: ignore[misc]  # binds the word
        return self._state(tokens.state())

    def _state(self, named: tuple[str, str]) -> Rule:
        state, alarm = named
        name = alarm.rsplit(":alarm:", 1)[-1]  # it may be an ARN
        self.alarms.add(name)
        return lambda state_of: state_of(name) == state


def _either(left: Rule, right: Rule) -> Rule:
    return lambda state_of: left(state_of) or right(state_of)


def _both(left: Rule, right: Rule) -> Rule:
    return lambda state_of: left(state_of) and right(state_of)


class _Tokens:
    """The tokens of a rule."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = self._read()
        self.next = next(self._rest, None)

    def take(self, word: str) -> bool:
        """Consume the word if it is next; return whether it was."""
        taken = self.next is not None and word in {self.next["word"], self.next["mark"]}
        if taken:
            self.next = next(self._rest, None)
        return taken

    def expect(self, word: str) -> None:
        """Consume the word; raise InvalidRuleError if it is not next."""
        if not self.take(word):
            raise InvalidRuleError(f"{word} is missing: {self._text}")

    def state(self) -> tuple[str, str]:
        """Consume and return a state and its alarm."""
        token = self.next
        if token is None or token["state"] is None:
            raise InvalidRuleError(f"an alarm's state is missing: {self._text}")
        self.next = next(self._rest, None)
        return token["state"], token["alarm"]

    def _read(self) -> Iterator[re.Match[str]]:
        place, text = 0, self._text.rstrip()
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise InvalidRuleError(f"syntax error at: {text[place:]}")
            place = token.end()
            yield token
