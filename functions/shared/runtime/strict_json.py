"""Strict JSON: bounded before it is parsed, and rejected if two parsers could read it differently.

https://www.rfc-editor.org/rfc/rfc8259 and, on differences between parsers, https://www.rfc-editor.org/rfc/rfc7493
"""

import json
import math
import re
from typing import Literal, NoReturn

from functions.shared.contracts.normal_form import FORBIDDEN

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

FaultCode = Literal[
    "json_invalid",
    "json_too_deep",
    "number_out_of_range",
    "duplicate_key",
    "invalid_unicode",
    "forbidden_character",
]

MAXIMUM_DEPTH = 20
"""Levels of arrays and objects; a request needs three or four."""
MAXIMUM_NUMBER_CHARACTERS = 32
"""`int` takes quadratic time in them, and no value of ours has more than thirteen."""

# Every alternative is possessive: the regex reads each character once.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[{]|[\]}]|-?+[0-9][0-9.eE+-]*+', re.DOTALL)

_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonFaultError(ValueError):
    """The text is not JSON that we accept; `code` says why, and no value of the text is in the error."""

    def __init__(
        self, code: FaultCode, detail: str, *, offset: int | None = None, pointer: str | None = None
    ) -> None:
        super().__init__(code)
        self.code: FaultCode = code
        self.detail = detail
        self.offset = offset
        """The byte of the fault, if the fault is in the text."""
        self.pointer = pointer
        """The JSON Pointer of the faulty value, if the fault is in a value."""


def parse(content: bytes) -> Json:
    """Parse the document; raise `JsonFaultError` if it is invalid or ambiguous."""
    text = _decoded(content)
    _check_limits(text)
    try:
        document: Json = json.loads(text, object_pairs_hook=_unique_members, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise JsonFaultError(
            "json_invalid", "this is not JSON", offset=_byte_offset(text, error.pos)
        ) from None
    _check_characters(document, "")
    return document


def pointer_step(name: str) -> str:
    """Return one escaped step of a JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise JsonFaultError("invalid_unicode", "this is not UTF-8", offset=error.start) from None


def _check_limits(text: str) -> None:
    """Limit the depth and the numbers in one pass, before the parser runs."""
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = text[token.start()]
        if kind in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise JsonFaultError(
                    "json_too_deep",
                    f"more than {MAXIMUM_DEPTH} levels",
                    offset=_byte_offset(text, token.start()),
                )
        elif kind in "]}":
            depth -= 1
        elif kind != '"' and _is_extreme(token[0]):
            raise JsonFaultError(
                "number_out_of_range", "a number no field takes", offset=_byte_offset(text, token.start())
            )


def _is_extreme(number: str) -> bool:
    if len(number) > MAXIMUM_NUMBER_CHARACTERS:
        return True
    try:
        return math.isinf(float(number))
    except ValueError:  # such as 1-2, which the parser rejects
        return False


def _unique_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Reject repeated names in an object: parsers silently differ in which one they use."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise JsonFaultError("duplicate_key", "an object has a name twice")
    return members


def _reject_constant(_name: str) -> NoReturn:
    raise JsonFaultError("json_invalid", "JSON has no NaN and no Infinity")


def _check_characters(value: Json, pointer: str) -> None:
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _check_characters(below, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, below in value.items():
            _check_text(name, pointer)
            _check_characters(below, pointer + pointer_step(name))


def _check_text(text: str, pointer: str) -> None:
    if _SURROGATE.search(text):
        raise JsonFaultError("invalid_unicode", "half of a surrogate pair", pointer=pointer)
    if _FORBIDDEN.search(text):
        raise JsonFaultError("forbidden_character", "a control or invisible character", pointer=pointer)


def _byte_offset(text: str, characters: int) -> int:
    return len(text[:characters].encode())
