"""The formats that are asserted: of every other format nothing is known."""

from jsonschema import FormatChecker

from functions.shared.contracts.timestamp import parse_timestamp

SAMPLES = {
    "date": "2026-11-28",
    "date-time": "2026-11-28T10:00:00Z",
    "email": "ada@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
}
"""A string of each asserted format."""
FORMATS = FormatChecker(formats=[name for name in SAMPLES if name != "date-time"])


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """Return whether a string is a timestamp of RFC 3339; raise ValueError otherwise."""
    if isinstance(value, str):
        parse_timestamp(value)
    return True
