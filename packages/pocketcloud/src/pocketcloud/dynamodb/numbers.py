"""The limits of DynamoDB's numbers, which moto does not have: 38 digits, from 1E-130 to below 1E+126.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

from moto.dynamodb.exceptions import MockValidationException

_FORM = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)
_MAXIMUM_DIGITS = 38
_EXPONENTS = range(-130, 126)
"""The power of ten of the first digit that is not zero."""
_CERTAINLY_VALID = 30
"""The length of text that needs no count of its digits, without an exponent."""
EXACT = Context(prec=400)
"""For sums without rounding: the range has 256 powers of ten, and a number 38 digits."""

OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number"
_NO_NUMBER = "The parameter cannot be converted to a numeric value"
_VALUES = "ExpressionAttributeValues"


def number_fault(text: str) -> str | None:
    """Return AWS's message if DynamoDB cannot store this number."""
    if not _FORM.fullmatch(text):
        return f"{_NO_NUMBER}: {text}" if text else _NO_NUMBER
    if len(text) <= _CERTAINLY_VALID and "e" not in text.lower():
        return None
    number = Decimal(text)
    if not number:
        return None
    if number.adjusted() >= _EXPONENTS.stop:
        return OVERFLOW
    if number.adjusted() < _EXPONENTS.start:
        return UNDERFLOW
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return TOO_MANY_DIGITS if len(digits) > _MAXIMUM_DIGITS else None


def check_numbers(request: Mapping[str, Any]) -> None:
    """Raise ValidationException for the first number of a request that DynamoDB cannot store."""
    for placeholder, text in _numbers(request, None):
        if fault := number_fault(text):
            if placeholder is not None:
                fault = f"{_VALUES} contains invalid value: {fault} for key {placeholder}"
            raise MockValidationException(fault)


def check_result(text: str) -> None:
    """Raise ValidationException if the result of an addition cannot be stored; AWS calls it an overflow."""
    if number_fault(text):
        raise MockValidationException(OVERFLOW)


def _numbers(value: object, placeholder: str | None) -> Iterator[tuple[str | None, str]]:
    """Yield each number with the placeholder whose value contains it.

    An attribute may be named "N", but its value is a mapping, and never text.
    """
    if isinstance(value, list):
        for each in value:
            yield from _numbers(each, placeholder)
    elif isinstance(value, Mapping):
        for name, content in value.items():
            if name == "N" and isinstance(content, str):
                yield placeholder, content
            elif name == "NS" and isinstance(content, list):
                yield from ((placeholder, text) for text in content if isinstance(text, str))
            elif name == _VALUES and isinstance(content, Mapping):
                for each, attribute in content.items():
                    yield from _numbers(attribute, each)
            else:
                yield from _numbers(content, placeholder)
