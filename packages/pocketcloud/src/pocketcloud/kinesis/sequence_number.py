"""Sequence numbers: they grow within a shard, and from a shard to its children.

A number of 186 bits, written in decimal, with the same parts as those that AWS returns: the time when the
shard was created, its index, the record's place in it, and the time when the record arrived.
"""

from datetime import datetime

_VERSION = 2
_SECONDS_DIGITS, _PLACE_DIGITS, _SHARD_DIGITS = 9, 16, 8
_LAST_PLACE = 0x7FFF_FFFF_FFFF_FFFF


def sequence_number(created_at: datetime, shard: int, place: int, arrived_at: datetime) -> str:
    """Return the sequence number of the record in this place of a shard."""
    created, arrived = int(created_at.timestamp()), int(arrived_at.timestamp())
    parts = (
        f"{_VERSION:x}",
        f"{created:0{_SECONDS_DIGITS}x}",
        f"{shard % 16:x}",
        f"{place:0{_PLACE_DIGITS}x}",
        "00",
        f"{arrived:0{_SECONDS_DIGITS}x}",
        f"{shard:0{_SHARD_DIGITS}x}",
        f"{_VERSION:x}",
    )
    return str(int("".join(parts), 16))


def ending_sequence_number(created_at: datetime, shard: int, closed_at: datetime) -> str:
    """Return the number above all of a closed shard's records."""
    return sequence_number(created_at, shard, _LAST_PLACE, closed_at)
