"""Identifiers of messages, events and requests, drawn from moto's seeded randomness."""

from moto.moto_api._internal import mock_random

_CLEARED = ~((0xC000 << 48) | (0xF000 << 64))
_VARIANT_AND_VERSION = (0x8000 << 48) | (4 << 76)
"""https://www.rfc-editor.org/rfc/rfc9562#section-5.4"""


def new_identifier() -> str:
    """Return what `str(mock_random.uuid4())` returns, without building a UUID."""
    return identifier_of(mock_random.getrandbits(128) & _CLEARED | _VARIANT_AND_VERSION)


def identifier_of(number: int) -> str:
    """Return a UUID's text."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
