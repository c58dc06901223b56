"""Words of an expression, without a search: shortest ones, or random ones."""

from random import Random

from cli.schema.compatibility.regex.charset import Charset
from cli.schema.compatibility.regex.syntax import Alternation, Chars, Concatenation, Expression, Repetition

_PREFERRED = "aA0-_. "
_MORE_TIMES = 8
"""Random words repeat a part at most so often beyond what is needed."""


def shortest_word(expression: Expression) -> str | None:
    """Return a short word of the expression; None if it has none."""
    match expression:
        case Chars(chars):
            return preferred(chars)
        case Concatenation(parts):
            words = [shortest_word(part) for part in parts]
            return None if None in words else "".join(word or "" for word in words)
        case Alternation(branches):
            found = [word for word in map(shortest_word, branches) if word is not None]
            return min(found, key=len, default=None)
        case Repetition(part, least, _):
            inner = shortest_word(part) if least else ""
            return None if inner is None else inner * least


def random_word(expression: Expression, random: Random) -> str | None:
    """Return a random word of the expression, of ASCII alphanumerics where it allows them."""
    match expression:
        case Chars(chars):
            printable = [chr(code) for low, high in chars for code in range(max(low, 33), min(high, 126) + 1)]
            legible = [each for each in printable if each.isalnum()] or printable
            return random.choice(legible) if legible else preferred(chars)
        case Concatenation(parts):
            words = [random_word(part, random) for part in parts]
            return None if None in words else "".join(word or "" for word in words)
        case Alternation(branches):
            return random_word(random.choice(branches), random)
        case Repetition(part, least, most):
            limit = least + _MORE_TIMES if most is None else min(most, least + _MORE_TIMES)
            few = min(limit, least + _MORE_TIMES // 2)  # enough that two ids differ
            words = [random_word(part, random) for _ in range(random.randint(few, limit))]
            return None if None in words else "".join(word or "" for word in words)


def preferred(chars: Charset) -> str | None:
    """Return a legible character of the set, if it has one."""
    for character in _PREFERRED:
        if any(low <= ord(character) <= high for low, high in chars):
            return character
    return chr(max(chars[0][0], min(chars[0][1], ord("!")))) if chars else None
