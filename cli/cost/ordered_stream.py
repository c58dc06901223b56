"""The price of the ordered stream on Kinesis. No I/O.

https://aws.amazon.com/kinesis/data-streams/pricing/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.cost.prices import PriceList

HOURS_PER_MONTH = 730
INCLUDED_HOURS, EXTENDED_HOURS = 24, 7 * 24
"""Retention that is included, and the longest that is billed as extended; a longer one is not priced."""
BYTES_PER_PAYLOAD_UNIT = 25 * 1024
BYTES_PER_KIB = 1024
GIB = 1024**3
CONSUMERS = 1
"""Functions that read the stream: analytics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTemplate:
    """The stream of a stage."""

    shards: int | None
    """Provisioned shards; None: on demand."""
    retention_hours: int

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "StreamTemplate":
        """Return the stream with these properties."""
        return cls(shards=properties.get("ShardCount"), retention_hours=properties["RetentionPeriodHours"])

    @property
    def extended_hours(self) -> int:
        """The hours of retention that are billed."""
        return max(0, min(self.retention_hours, EXTENDED_HOURS) - INCLUDED_HOURS)

    def fixed(self, prices: PriceList) -> dict[str, float]:
        """Return what a month costs without an event."""
        if self.shards is None:
            return {"ordered stream": prices.dollars("kinesis_stream_hours", HOURS_PER_MONTH)}
        hours = self.shards * HOURS_PER_MONTH
        extended = prices.dollars("kinesis_extended_shard_hours", hours) if self.extended_hours else 0.0
        return {
            f"ordered stream ({self.shards} shards)": prices.dollars("kinesis_shard_hours", hours) + extended
        }

    def units(self, payload_units: int, kibibytes: int) -> dict[str, float]:
        """Return the units of events with so many payload units and whole kibibytes."""
        if self.shards is not None:
            return {"kinesis_payload_units": payload_units}
        gibibytes = kibibytes * BYTES_PER_KIB / GIB
        return {
            "kinesis_data_in_gb": gibibytes,
            "kinesis_data_out_gb": gibibytes * CONSUMERS,
            "kinesis_extended_gb_months": gibibytes * self.extended_hours / HOURS_PER_MONTH,
        }


def payload_units(sizes: Iterable[int]) -> int:
    """Return the units of 25 KB of records with these bytes, each rounded up."""
    return sum(-(-size // BYTES_PER_PAYLOAD_UNIT) for size in sizes)


def kibibytes(sizes: Iterable[int]) -> int:
    """Return the kibibytes of records with these bytes, each rounded up."""
    return sum(-(-size // BYTES_PER_KIB) for size in sizes)
