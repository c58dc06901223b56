"""Text in a policy, with wildcards `*` and `?` and variables such as `${aws:PrincipalArn}`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import eq

Value = str | tuple[str, ...] | Callable[[], str | tuple[str, ...]]
"""The value of one condition key in a request; a tuple if the key can have several values."""
TextPattern = Callable[[str], object]
"""Returns something true for a value that matches as a whole."""
Context = Mapping[str, Value]
"""Values by condition key in lower case; AWS ignores the case."""

_VARIABLE = re.compile(r"\$\{(?P<name>[^},]+?)\s*(,\s*'(?P<default>[^']*)'\s*)?\}")
_SPECIAL = frozenset("*?$")
_WILDCARDS = frozenset("*?")
_SEPARATORS = 5
"""Colons between the six parts of an ARN."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable; its value is taken literally."""

    name: str
    default: str | None

    def value(self, context: Context) -> str | None:
        """Return the value in the request, or the default; None if there is none or several."""
        found = context.get(self.name)
        if callable(found):
            found = found()
        return found if isinstance(found, str) else self.default


@dataclass(frozen=True, slots=True)
class Exact:
    """An escaped special character: `${*}`, `${?}`, `${$}`."""

    character: str


Part = str | Variable | Exact


@dataclass(frozen=True, slots=True)
class Text:
    """One value of a policy, before its variables are replaced."""

    parts: tuple[Part, ...]

    @classmethod
    @lru_cache(maxsize=4096)  # policies are read again after every change in the account
    def read(cls, text: str, *, variables: bool) -> "Text":
        """Parse a text; only policy version 2012-10-17 has variables."""
        return cls(tuple(_parts(text)) if variables else (text,))

    @property
    def has_variables(self) -> bool:
        """Whether the text contains variables."""
        return any(isinstance(part, Variable) for part in self.parts)

    def resolve(self, context: Context) -> str | None:
        """Replace the variables; return None, which matches nothing, if one has no value."""
        filled = list(self._filled(context))
        return None if None in filled else "".join(str(part) for part in filled)

    def glob(self, context: Context) -> TextPattern | None:
        """Return a pattern in which wildcards match any characters."""
        return self._pattern(context, within=False)

    def arn(self, context: Context) -> TextPattern | None:
        """Return a pattern for an ARN: a wildcard stays within its part, except in the last part.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
        """
        return self._pattern(context, within=True)

    def _filled(self, context: Context) -> Iterator[str | None]:
        for part in self.parts:
            if isinstance(part, Variable):
                yield part.value(context)
            else:
                yield part.character if isinstance(part, Exact) else part

    def _pattern(self, context: Context, *, within: bool) -> TextPattern | None:
        filled = tuple(self._filled(context))
        return None if None in filled else _pattern(self.parts, filled, within=within)


@lru_cache(maxsize=4096)
def _pattern(parts: tuple[Part, ...], filled: tuple[str, ...], *, within: bool) -> TextPattern:
    """Return a pattern; cached because every call needs the same few."""
    if not any(isinstance(part, str) and set(part) & _WILDCARDS for part in parts):
        return partial(eq, "".join(filled))  # most texts of policies have no wildcard
    pattern, colons = [], 0
    for part, text in zip(parts, filled, strict=True):
        for character in text:
            bounded = within and colons < _SEPARATORS
            wild = isinstance(part, str) and character in _WILDCARDS
            one = "." if colons >= _SEPARATORS else "[^:]"
            many = "[^:]*" if bounded else ".*"
            pattern.append({"*": many, "?": one}[character] if wild else re.escape(character))
            colons += character == ":"
    if pattern and pattern[-1] == "[^:]*":
        pattern[-1] = ".*"  # at the end of an incomplete ARN, it matches all missing parts
    return re.compile("".join(pattern), re.DOTALL).fullmatch


def _parts(text: str) -> Iterator[Part]:
    end = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        name = match["name"]
        yield Exact(name) if name in _SPECIAL else Variable(name.lower(), match["default"])
        end = match.end()
    if end < len(text) or not text:
        yield text[end:]
