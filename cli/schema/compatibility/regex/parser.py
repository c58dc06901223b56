"""Read a pattern as the language of the strings that `re.search` finds it in.

Supported: literals, escapes, classes, groups, alternation, counted repetition, and anchors at the ends of the
whole pattern or of its outermost branches. Everything else raises UndecidableError.
"""

import re
from functools import cache

from cli.schema.compatibility.regex.charset import Charset, charset, complement, escaped_class, single
from cli.schema.compatibility.regex.syntax import (
    ANYTHING,
    EMPTY,
    OPTIONAL_NEWLINE,
    Alternation,
    Chars,
    Concatenation,
    Expression,
    Repetition,
)
from cli.schema.compatibility.verdict import UndecidableError

_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_COUNT = re.compile(r"\{([0-9]*)(,([0-9]*))?\}")
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_NO_NEWLINE_END = r"(?!\n)$"
"""The end in every dialect: Python's `$` also matches before a last line feed."""


_ASSERTIONS = ("(?=", "(?!", "(?<=", "(?<!")
_GROUP_PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]|.", re.DOTALL)


@cache
def language(pattern: str, *, loose: bool = False) -> Expression:
    """Return the language of the strings that contain a match.

    With `loose`, lookaheads and lookbehinds count as empty: the language may then be larger.

    Raises:
        UndecidableError: the pattern is invalid, or uses something unsupported.
    """
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise UndecidableError(f"the pattern {pattern} is invalid: {error}") from None
    return _Parser(pattern, loose=loose).read()


class _Parser:
    def __init__(self, pattern: str, *, loose: bool) -> None:
        self.pattern = pattern
        self.loose = loose
        self.position = 0

    def read(self) -> Expression:
        branches = [self._outer_branch()]
        while self._take("|"):
            branches.append(self._outer_branch())
        if self.position < len(self.pattern):
            raise self._unsupported()
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _outer_branch(self) -> Expression:
        start = EMPTY if self._take("^") or self._take(r"\A") else ANYTHING
        body = self._sequence()
        if self._take(_NO_NEWLINE_END) or self._take(r"\Z"):
            end: Expression = EMPTY
        else:
            end = OPTIONAL_NEWLINE if self._take("$") else ANYTHING
        return Concatenation((start, body, end))

    def _alternation(self) -> Expression:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _sequence(self) -> Expression:
        parts = []
        while self._continues():
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def _continues(self) -> bool:
        rest = self.pattern[self.position :]
        return bool(rest) and rest[0] not in "|)$" and not rest.startswith((_NO_NEWLINE_END, r"\Z"))

    def _repeated(self, part: Expression) -> Expression:
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._take(sign):
                return self._greediness(Repetition(part, least, most))
        count = _COUNT.match(self.pattern, self.position)
        if count is None:
            return part
        if not count.group(1):
            raise self._unsupported()
        self.position = count.end()
        low, several, high = count.groups()
        most = int(low) if several is None else int(high) if high else None
        return self._greediness(Repetition(part, int(low), most))

    def _greediness(self, repetition: Repetition) -> Repetition:
        """A lazy repetition matches the same strings; a possessive one may match fewer."""
        if self._take("+"):
            raise self._unsupported()
        self._take("?")
        return repetition

    def _atom(self) -> Expression:
        if self.loose and self.pattern.startswith(_ASSERTIONS, self.position):
            return self._skipped()
        if self._take("(?:") or (not self._at("(?") and self._take("(")):
            inner = self._alternation()
            if not self._take(")"):
                raise self._unsupported()
            return inner
        if self._take("["):
            return Chars(self._class())
        if self._take("."):
            return Chars(complement(single("\n")))
        if self._take("\\"):
            return Chars(self._escape())
        if self.pattern[self.position] in "(^*+?":
            raise self._unsupported()
        return Chars(single(self._next()))

    def _skipped(self) -> Expression:
        """Skip a group, and what is nested in it."""
        depth = 0
        for part in _GROUP_PARTS.finditer(self.pattern, self.position):
            depth += {"(": 1, ")": -1}.get(part[0], 0)
            if depth == 0:
                self.position = part.end()
                return EMPTY
        raise self._unsupported()

    def _class(self) -> Charset:
        is_negated, ranges = self._take("^"), list[tuple[int, int]]()
        first = True
        while first or not self._at("]"):
            first = False
            low = self._escape() if self._take("\\") else single(self._next())
            if self._at("-") and not self._at("-]"):
                self.position += 1
                high = self._escape() if self._take("\\") else single(self._next())
                ranges.append((low[0][0], high[0][0]))
            else:
                ranges.extend(low)
        self.position += 1
        return complement(charset(ranges)) if is_negated else charset(ranges)

    def _escape(self) -> Charset:
        sign = self._next()
        if sign in "dDwWsS":
            return escaped_class(sign)
        if sign in _HEX_DIGITS:
            digits = self.pattern[self.position : self.position + _HEX_DIGITS[sign]]
            self.position += _HEX_DIGITS[sign]
            chars = single(chr(int(digits, 16)))
        elif sign in _CONTROLS and not (sign == "0" and self.pattern[self.position :][:1].isdigit()):
            chars = single(_CONTROLS[sign])
        elif sign.isalnum():
            raise self._unsupported()
        else:
            chars = single(sign)
        if not chars:
            raise self._unsupported()
        return chars

    def _next(self) -> str:
        self.position += 1
        return self.pattern[self.position - 1]

    def _at(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def _take(self, text: str) -> bool:
        found = self._at(text)
        self.position += len(text) if found else 0
        return found

    def _unsupported(self) -> UndecidableError:
        return UndecidableError(f"the pattern {self.pattern} is not understood at {self.position}")
