"""The formats that are asserted: of every other format nothing is known."""

from jsonschema import FormatChecker

from functions.shared.contracts.timestamp import parse_timestamp

FORMATS = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "uuid"))


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """Return whether a string is a timestamp of RFC 3339; raise ValueError otherwise."""
    if isinstance(value, str):
        parse_timestamp(value)
    return True
