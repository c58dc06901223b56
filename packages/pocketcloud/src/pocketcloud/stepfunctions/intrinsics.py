"""Intrinsic functions, such as `States.Format('Order {}', $.id)`.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.core.identifiers import new_identifier
from pocketcloud.stepfunctions.json_text import text_of
from pocketcloud.stepfunctions.paths import check_path, value_at
from pocketcloud.stepfunctions.state_error import StateError

_TOKEN = re.compile(
    r"\s*(?:(?P<name>States\.\w+)\s*\(|(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>null|true|false)|(?P<path>\$[^,()\s]*)|(?P<comma>,)|(?P<end>\)))"
)
_WORDS = {"null": None, "true": True, "false": False}
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of a function, with its arguments."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """A path among the arguments."""

    text: str


def is_call(text: str) -> bool:
    """Return whether the text calls an intrinsic function."""
    return text.startswith("States.")


def check_call(text: str) -> None:
    """Raise ValueError if the call is invalid, or the function is not supported."""
    _parsed(text)


def evaluate(text: str, document: Any, context: Any) -> Any:
    """Return the value of a call; raise StateError if it fails."""
    try:
        return _value(_parsed(text), document, context)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise StateError("States.IntrinsicFailure", f"{text}: {error}") from error


def _parsed(text: str) -> _Call:
    found = _TOKEN.match(text)
    if found is None or found["name"] is None:
        raise ValueError(f"invalid intrinsic function: {text}")
    call, position = _arguments(text, found["name"], found.end())
    if text[position:].strip():
        raise ValueError(f"invalid intrinsic function: {text}")
    return call


def _arguments(text: str, name: str, position: int) -> tuple[_Call, int]:
    if name not in _FUNCTIONS:
        raise ValueError(f"the function {name} is not supported")
    arguments: list[Any] = []
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(f"invalid intrinsic function: {text}")
        position = found.end()
        match found.lastgroup:
            case "end":
                return _Call(name, tuple(arguments)), position
            case "name":
                inner, position = _arguments(text, found["name"], position)
                arguments.append(inner)
            case "text":
                arguments.append(re.sub(r"\\(.)", r"\1", found["text"][1:-1]))
            case "number":
                arguments.append(json.loads(found["number"]))
            case "word":
                arguments.append(_WORDS[found["word"]])
            case "path":
                check_path(found["path"])
                arguments.append(_Path(found["path"]))


def _value(argument: Any, document: Any, context: Any) -> Any:
    if isinstance(argument, _Path):
        return value_at(argument.text, document, context)
    if isinstance(argument, _Call):
        values = [_value(each, document, context) for each in argument.arguments]
        return _FUNCTIONS[argument.name](*values)
    return argument


def _format(template: str, *values: Any) -> str:
    parts = re.split(r"(?<!\\)\{\}", template)
    if len(parts) != len(values) + 1:
        raise ValueError(f"{len(values)} values for {len(parts) - 1} places")
    texts = [each if isinstance(each, str) else text_of(each) for each in values]
    joined = "".join(part + text for part, text in zip(parts, [*texts, ""], strict=True))
    return joined.replace("\\{", "{").replace("\\}", "}")


def _partition(values: list[Any], size: int) -> list[list[Any]]:
    return [values[start : start + size] for start in range(0, len(values), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    if step == 0:
        raise ValueError("the step is 0")
    return list(range(first, last + (1 if step > 0 else -1), step))


def _unique(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for each in values:
        if each not in kept:
            kept.append(each)
    return kept


def _merge(one: Mapping[str, Any], other: Mapping[str, Any], deep: bool) -> dict[str, Any]:  # noqa: FBT001 - AWS's own parameters
    if deep:
        raise ValueError("only a shallow merge is supported")
    return {**one, **other}


def _split(text: str, separators: str) -> list[str]:
    return [each for each in re.split(f"[{re.escape(separators)}]", text) if each]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except binascii.Error as error:
        raise ValueError(f"no base64: {text}") from error


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": lambda values, wanted: wanted in values,
    "States.ArrayGetItem": lambda values, index: values[index],
    "States.ArrayLength": len,
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": _decoded,
    "States.Base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "States.Format": _format,
    "States.Hash": lambda text, name: hashlib.new(_HASHES[name], text.encode()).hexdigest(),
    "States.JsonMerge": _merge,
    "States.JsonToString": text_of,
    "States.MathAdd": lambda one, other: one + other,
    "States.StringSplit": _split,
    "States.StringToJson": json.loads,
    "States.UUID": new_identifier,
}
"""`States.MathRandom` is omitted: AWS does not document its generator."""
