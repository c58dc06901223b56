"""Unicode normal form C, in which everything from outside is read.

Two keyboards write one letter as one code point or as two (https://www.unicode.org/reports/tr15/).
"""

from unicodedata import normalize


def composed(value: object) -> object:
    """Return the JSON value with its strings and the names of its fields in normal form C."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list):
        return [composed(item) for item in value]
    if isinstance(value, dict):
        return {composed(name): composed(item) for name, item in value.items()}
    return value


def compatible(text: str) -> str:
    """Return the text in normal form KC, to compare by: full-width digits name the same street."""
    return normalize("NFKC", text)
