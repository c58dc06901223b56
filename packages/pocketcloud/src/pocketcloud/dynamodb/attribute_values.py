"""Attribute values of requests as moto stores them, and back; both directions copy.

Only common values are converted; `NotPlannedError` leaves all others to moto, with its checks.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,8})?")
"""Numbers of this form are all in the range of DynamoDB."""


class NotPlannedError(Exception):
    """The operation is left to moto."""


def typed(value: object) -> DynamoType:
    """Return a copy of an attribute value as moto's type; leave uncommon and malformed values to moto."""
    if not isinstance(value, dict) or len(value) != 1:
        raise NotPlannedError
    ((kind, content),) = value.items()
    convert = _CONVERTERS.get(kind)
    if convert is None:
        raise NotPlannedError(kind)
    return build(kind, convert(content))


def typed_attributes(attributes: object) -> dict[str, DynamoType]:
    """Return a copy of an item, a key or a map as moto's types."""
    if not isinstance(attributes, dict):
        raise NotPlannedError
    copied = {}
    for name, value in attributes.items():
        if type(name) is not str or not name:
            raise NotPlannedError
        copied[name] = typed(value)
    return copied


def build(kind: str, content: object) -> DynamoType:
    """Return an attribute value without moto's conversion of its content."""
    made = DynamoType.__new__(DynamoType)
    made.type, made.value = kind, content
    return made


def plain(value: DynamoType) -> dict[str, Any]:
    """Return a copy of a stored value as boto3 represents it."""
    kind, content = value.type, value.value
    if kind in _SCALARS:
        return {kind: content}
    if kind == "M":
        return {kind: plain_attributes(content)}
    if not isinstance(content, list):
        raise NotPlannedError(kind)
    if kind == "L":
        return {kind: [plain(each) for each in content]}
    if kind in _SETS:
        return {kind: content[:]}
    raise NotPlannedError(kind)


def plain_attributes(attributes: Mapping[str, DynamoType]) -> dict[str, Any]:
    """Return a copy of an item or a map as boto3 represents it."""
    return {name: plain(value) for name, value in attributes.items()}


def characters(attributes: Mapping[str, DynamoType]) -> int:
    """Return how many characters an item contains: at least a quarter of its size in bytes."""
    return sum(len(name) + _characters(value) for name, value in attributes.items())


def _characters(value: DynamoType) -> int:
    content = value.value
    if isinstance(content, str):
        return len(content)
    if value.type == "M":
        return characters(content)
    if value.type == "L":
        return sum(map(_characters, content))
    return sum(map(len, content)) if value.type in _SETS else 1


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise NotPlannedError
    # A member of an enumeration is stored as its text.
    return content if type(content) is str else str.__str__(content)


def _number(content: object) -> str:
    text = _text(content)
    if not _NUMBER.fullmatch(text):
        raise NotPlannedError(text)
    return text


def _boolean(content: object) -> bool:
    if not isinstance(content, bool):
        raise NotPlannedError
    return content


def _null(content: object) -> bool:
    if content is not True:
        raise NotPlannedError
    return True


def _list(content: object) -> list[DynamoType]:
    if not isinstance(content, list):
        raise NotPlannedError
    return [typed(each) for each in content]


def _texts(content: object) -> list[str]:
    return _distinct(content, _text)


def _numbers(content: object) -> list[str]:
    return _distinct(content, _number)


def _distinct(content: object, convert: Callable[[object], str]) -> list[str]:
    if not isinstance(content, list):
        raise NotPlannedError
    converted = [convert(each) for each in content]
    if not converted or len(set(converted)) < len(converted):
        raise NotPlannedError
    return converted


_SCALARS = frozenset({"S", "N", "BOOL", "NULL"})
_SETS = frozenset({"SS", "NS"})
_CONVERTERS: dict[object, Callable[[object], object]] = {
    "S": _text,
    "N": _number,
    "BOOL": _boolean,
    "NULL": _null,
    "L": _list,
    "M": typed_attributes,
    "SS": _texts,
    "NS": _numbers,
}
