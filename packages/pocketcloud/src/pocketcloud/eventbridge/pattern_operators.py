"""The match operators of event patterns: each parses its operand once and returns a test for one value.

Names and limits: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Error messages are those of https://github.com/aws/event-ruler, which EventBridge runs.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError
from pocketcloud.eventbridge.numeric_ranges import is_number, numeric
from pocketcloud.eventbridge.wildcards import compile_wildcard, parse_wildcard

Test = Callable[[Any], bool]

_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_MASKS = {4: 31, 6: 127}
"""Longest mask of a CIDR block, in bits."""


def equals(expected: object) -> Test:
    """Match the same JSON value: `300` and `300.0` are one number; a number is not a boolean."""
    if is_number(expected):
        return lambda value: is_number(value) and value == expected
    address = address_of(expected)
    if address is not None:
        return lambda value: value == expected or address_of(value) == address
    return lambda value: type(value) is type(expected) and value == expected


def exactly(operand: object) -> Test:
    """Match the same text."""
    if not isinstance(operand, str):
        raise InvalidPatternError("exact match pattern must be a string")
    return lambda value: value == operand


def prefix(operand: object) -> Test:
    """Match text that starts with the operand, optionally ignoring case."""
    if isinstance(operand, dict):
        pattern = re.compile(_ignoring_case(_nested_text(operand, "prefix")))
        return lambda value: isinstance(value, str) and pattern.match(value) is not None
    text = _text(operand, "prefix")
    return lambda value: isinstance(value, str) and value.startswith(text)


def suffix(operand: object) -> Test:
    """Match text that ends with the operand, optionally ignoring case."""
    if isinstance(operand, dict):
        pattern = re.compile(_ignoring_case(_nested_text(operand, "suffix")) + r"\Z")
        return lambda value: isinstance(value, str) and pattern.search(value) is not None
    text = _text(operand, "suffix")
    return lambda value: isinstance(value, str) and value.endswith(text)


def equals_ignore_case(operand: object) -> Test:
    """Match the same text, ignoring case."""
    pattern = re.compile(_ignoring_case(_text(operand, "equals-ignore-case")))
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def wildcard(operand: object) -> Test:
    """Match text in which each `*` of the operand stands for any characters."""
    pattern = compile_wildcard(parse_wildcard(_text(operand, "wildcard")))
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def cidr(operand: object) -> Test:
    """Match an IP address in the block."""
    address, slash, mask = _text(operand, "prefix").partition("/")
    if not slash or "/" in mask:
        raise InvalidPatternError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[+-]?\d+", mask):
        raise InvalidPatternError("Malformed CIDR, mask bits must be an integer")
    if int(mask) < 0:
        raise InvalidPatternError("Malformed CIDR, mask bits must not be negative")
    base = address_of(address)
    if base is None:
        raise InvalidPatternError(f"Nonstandard IP address: {address}")
    if int(mask) > _MASKS[base.version]:
        raise InvalidPatternError(f"IPv{base.version} mask bits must be < {_MASKS[base.version] + 1}")
    block = ip_network(f"{base}/{int(mask)}", strict=False)

    def contains(value: object) -> bool:
        found = address_of(value)
        return found is not None and found in block

    return contains


def address_of(value: object) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a text spells; None for any other value."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        return None
    try:
        return ip_address(value)
    except ValueError:
        return None


def _ignoring_case(text: str) -> str:
    """Return a regular expression that takes each character in lower or upper case.

    Only a character's own pair counts: the German sharp s has no single upper-case character.
    """
    pairs = ({each, each.lower(), each.upper()} for each in text)
    return "".join("[" + "".join(re.escape(one) for one in sorted(p) if len(one) == 1) + "]" for p in pairs)


def _nested_text(operand: dict[str, Any], name: str) -> str:
    found = next(iter(operand), None)
    if found is None:
        raise InvalidPatternError(f"{name.capitalize()} expression name not found")
    if found != "equals-ignore-case":
        raise InvalidPatternError(f"Unsupported {name} pattern: {found}")
    if len(operand) > 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    return _text(operand[found], found)


def _text(operand: object, name: str) -> str:
    if not isinstance(operand, str):
        raise InvalidPatternError(f"{name} match pattern must be a string")
    return operand


OPERATORS: dict[str, Callable[[object], Test]] = {
    "exactly": exactly,
    "prefix": prefix,
    "suffix": suffix,
    "equals-ignore-case": equals_ignore_case,
    "wildcard": wildcard,
    "cidr": cidr,
    "numeric": numeric,
}
