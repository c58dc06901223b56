"""The topics of all clusters outside AWS, by bootstrap servers and name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

from pocketcloud.core.engine import Engine
from pocketcloud.kafka.record import Header, KafkaRecord

PARTITIONS = 3
"""Partitions of each topic; the producer chooses the partition of a key, so nothing may rely on it."""


@dataclass(slots=True)
class Partition:
    """The records of a partition, in order."""

    number: int
    items: list[KafkaRecord] = field(default_factory=list)
    starting_sequence_number: int = 0
    """The offset of the first record that is still there."""

    @property
    def end(self) -> int:
        """The offset of the next record."""
        return self.starting_sequence_number + len(self.items)


class KafkaTopics:
    """The records that tests put on topics; nothing is sent to a network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._topics: dict[str, list[Partition]] = {}

    def partitions(self, topic: str) -> list[Partition]:
        """Return the partitions of a topic, which exists as soon as somebody names it."""
        return self._topics.setdefault(topic, [Partition(number) for number in range(PARTITIONS)])

    def put(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> KafkaRecord:
        """Append a record now, to the key's partition unless another is named; return it."""
        chosen = self.partitions(topic)[crc32(key or b"") % PARTITIONS if partition is None else partition]
        now = self._engine.clock.now()
        record = KafkaRecord(topic, chosen.number, chosen.end, key, value, tuple(headers), now)
        chosen.items.append(record)
        return record

    def clear(self) -> None:
        """Empty all topics; offsets start again."""
        for partitions in self._topics.values():
            for partition in partitions:
                partition.items.clear()
                partition.starting_sequence_number = 0
