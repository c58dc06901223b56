# Copied from functions/shared/contracts/normal_form.py by `python -m client_package`: change the original.
"""Unicode normal form C, in which everything from outside is read.

Two keyboards write one character as one code point or as two (https://www.unicode.org/reports/tr15/).
"""

from unicodedata import normalize

FORBIDDEN = r"\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
"""Controls, line ends, and characters that reorder or hide the text around them, as a regex class.

The joiners U+200C and U+200D stay: Persian and the languages of India spell names with them.
https://www.unicode.org/reports/tr36/
"""


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
