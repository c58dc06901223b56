"""Condition operators: compare one value of the policy with one value of the request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network

from pocketcloud.iam.text import Context, Text, TextPattern
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_ARN = re.compile(r"arn:[^:]+:[^:]+(:|$)|arn:\*|\*")
_LATEST_SECONDS = 100_000_000_000
"""A larger number of the epoch counts milliseconds: these seconds end in the year 5138."""

Matcher = Callable[[str], bool | None]
"""Returns whether a value of the request matches; None if the two cannot be compared."""
MatcherFactory = Callable[[Text, Context], Matcher | None]
"""Builds the matcher for a policy's value; returns None if a variable in it has no value."""


def _on_text(compare: Callable[[str, str], bool | None]) -> MatcherFactory:
    def prepare(text: Text, context: Context) -> Matcher | None:
        filled = text.resolve(context)
        return None if filled is None else (lambda value: compare(value, filled))

    return prepare


def _on_pattern(compiled: Callable[[Text, Context], TextPattern | None]) -> MatcherFactory:
    def prepare(text: Text, context: Context) -> Matcher | None:
        pattern = compiled(text, context)
        return None if pattern is None else (lambda value: bool(pattern(value)))

    return prepare


def _ignoring_case(value: str, filled: str) -> bool:
    return value.casefold() == filled.casefold()


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[str, str], bool | None]:
    def compared(value: str, filled: str) -> bool | None:
        try:
            return compare(Decimal(value), Decimal(filled))
        except InvalidOperation:
            return None

    return compared


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool | None]:
    def compared(value: str, filled: str) -> bool | None:
        try:
            return compare(_timestamp(value), _timestamp(filled))
        except ValueError:
            return None

    return compared


def _timestamp(text: str) -> datetime:
    """Parse ISO 8601, or seconds or milliseconds since the epoch; raise ValueError for anything else."""
    try:
        number = float(text)
    except ValueError:
        read = datetime.fromisoformat(text)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    seconds = number / 1000 if abs(number) > _LATEST_SECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


def _within(value: str, filled: str) -> bool | None:
    try:
        return ip_address(value) in ip_network(filled, strict=False)
    except ValueError:
        return None


def _arn(text: Text, context: Context) -> Matcher | None:
    pattern = text.arn(context)

    def matches(value: str) -> bool | None:
        return None if pattern is None or not _is_arn(value) else bool(pattern(value))

    return None if pattern is None or not _is_arn(text.resolve(context) or "") else matches


def _is_arn(text: str) -> bool:
    """Return whether the text has an ARN's prefix, partition and service."""
    return _ARN.match(text) is not None


_ORDER: Mapping[str, Callable[..., bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_POSITIVE: Mapping[str, MatcherFactory] = {
    "StringEquals": _on_text(operator.eq),
    "StringEqualsIgnoreCase": _on_text(_ignoring_case),
    "StringLike": _on_pattern(Text.glob),
    # AWS: ArnEquals and ArnLike behave identically.
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _on_text(_ignoring_case),
    "BinaryEquals": _on_text(operator.eq),
    "IpAddress": _on_text(_within),
    **{f"Numeric{name}": _on_text(_numeric(compare)) for name, compare in _ORDER.items()},
    **{f"Date{name}": _on_text(_date(compare)) for name, compare in _ORDER.items()},
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}

NAMES = (*_POSITIVE, *_NEGATED)
"""All supported condition operators; each also takes `ForAllValues:`, `ForAnyValue:` and `IfExists`."""


def operator_named(name: str) -> tuple[MatcherFactory, bool]:
    """Return the operator and whether it is negated; reject an unknown one."""
    prepare = _POSITIVE.get(_NEGATED.get(name, name))
    if prepare is None:
        raise UnsupportedPolicyError(f"the condition operator {name} is not evaluated")
    return prepare, name in _NEGATED
