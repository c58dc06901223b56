"""JSON read strictly: bounded before it is parsed, and refused where two readers could differ over it.

https://www.rfc-editor.org/rfc/rfc8259 and, for what readers differ over, https://www.rfc-editor.org/rfc/rfc7493
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
"""Arrays and objects within each other; an order needs three."""
MAXIMUM_NUMBER = 32
"""Characters of a number: `int` takes quadratic time in them, and no value of ours has more than thirteen."""

# Every alternative is possessive, so that each character is looked at once, whatever comes after it.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[{]|[\]}]|-?+[0-9][0-9.eE+-]*+', re.DOTALL)

_FORBIDDEN = re.compile(f"[{FORBIDDEN}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonFaultError(ValueError):
    """The text is not JSON that we read; `code` says why, and nothing of the text's values is in it."""

    def __init__(
        self, code: FaultCode, detail: str, *, offset: int | None = None, pointer: str | None = None
    ) -> None:
        super().__init__(code)
        self.code: FaultCode = code
        self.detail = detail
        self.offset = offset
        """The byte at which the fault lies, where it lies in the text."""
        self.pointer = pointer
        """The JSON Pointer of the value at fault, where it lies in a value."""


def parse(content: bytes) -> Json:
    """The document; raises `JsonFaultError` where it is none, or not one that every reader reads alike."""
    text = _decoded(content)
    _refuse_extremes(text)
    try:
        document: Json = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise JsonFaultError("json_invalid", "this is not JSON", offset=_bytes(text, error.pos)) from None
    _refuse_characters(document, "")
    return document


def pointer_step(name: str) -> str:
    """One step of a JSON Pointer, escaped (https://www.rfc-editor.org/rfc/rfc6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise JsonFaultError("invalid_unicode", "this is not UTF-8", offset=error.start) from None


def _refuse_extremes(text: str) -> None:
    """Bound the depth and the numbers in one pass, before a parser nests or computes."""
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = text[token.start()]
        if kind in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise JsonFaultError(
                    "json_too_deep", f"more than {MAXIMUM_DEPTH} levels", offset=_bytes(text, token.start())
                )
        elif kind in "]}":
            depth -= 1
        elif kind != '"' and _is_extreme(token[0]):
            raise JsonFaultError(
                "number_out_of_range", "a number no field takes", offset=_bytes(text, token.start())
            )


def _is_extreme(number: str) -> bool:
    if len(number) > MAXIMUM_NUMBER:
        return True
    try:
        return math.isinf(float(number))
    except ValueError:  # such as 1-2: the parser says so
        return False


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """A name stands once in an object: readers differ in which of two they believe, and none says so."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise JsonFaultError("duplicate_key", "a name stands twice in an object")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise JsonFaultError("json_invalid", "JSON has no NaN and no Infinity")


def _refuse_characters(value: Json, pointer: str) -> None:
    if isinstance(value, str):
        _refuse_in(value, pointer)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _refuse_characters(below, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, below in value.items():
            _refuse_in(name, pointer)
            _refuse_characters(below, pointer + pointer_step(name))


def _refuse_in(text: str, pointer: str) -> None:
    if _SURROGATE.search(text):
        raise JsonFaultError("invalid_unicode", "half of a surrogate pair", pointer=pointer)
    if _FORBIDDEN.search(text):
        raise JsonFaultError("forbidden_character", "a control or invisible character", pointer=pointer)


def _bytes(text: str, characters: int) -> int:
    return len(text[:characters].encode())
