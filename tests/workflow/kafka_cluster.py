"""A Kafka cluster in memory, and a producer with the client's calls: what it acknowledges is in its log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import confluent_kafka
from confluent_kafka import KafkaError

TIMED_OUT = KafkaError._MSG_TIMED_OUT  # noqa: SLF001 - the client's name for an event after its timeout
Report = Callable[[KafkaError | None, Any], None]


@dataclass(frozen=True)
class LoggedRecord:
    """A record in the cluster's log."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str]


@dataclass
class KafkaCluster:
    """The log, and the fault of each record; clients of it are `ClusterProducer`."""

    log: list[LoggedRecord] = field(default_factory=list)
    fault: Callable[[LoggedRecord], int | None] = lambda _: None
    """Returns the error code of a record, or None; it may append to the log itself."""
    configurations: list[Mapping[str, Any]] = field(default_factory=list)
    """The configurations of the producers made so far."""

    def types_by_key(self) -> dict[str, list[str]]:
        """Return each key's types in the order of their first appearance, by `ce_id`."""
        found: dict[str, dict[str, str]] = {}
        for record in self.log:
            ids = found.setdefault(record.key, {})
            ids.setdefault(record.headers["ce_id"], record.headers["ce_type"])
        return {key: list(types.values()) for key, types in found.items()}


class ClusterProducer:
    """The part of confluent-kafka's producer that the bridge uses."""

    cluster: KafkaCluster

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self.cluster.configurations.append(configuration)
        self._waiting: list[tuple[LoggedRecord, Report]] = []

    def produce(
        self, topic: str, *, key: str, value: bytes, headers: Mapping[str, str], on_delivery: Report
    ) -> None:
        """Queue a record."""
        self._waiting.append((LoggedRecord(topic, key, value, headers), on_delivery))

    def flush(self, _timeout_seconds: float) -> int:
        """Report every queued record, with its fault if it has one."""
        waiting, self._waiting = self._waiting, []
        for record, report in waiting:
            code = self.cluster.fault(record)
            if code is None:
                self.cluster.log.append(record)
            report(None if code is None else KafkaError(code), record)
        return 0


@contextmanager
def cluster_in_memory() -> Iterator[KafkaCluster]:
    """Let producers that are made now write to a new cluster."""
    cluster = KafkaCluster()
    producer = type("ClusterProducer", (ClusterProducer,), {"cluster": cluster})
    with patch.object(confluent_kafka, "Producer", producer):
        yield cluster


def down(_: LoggedRecord) -> int:
    """Take nothing."""
    return TIMED_OUT


def every(nth: int, fault: Callable[[LoggedRecord], int | None], *, times: int) -> Callable[..., int | None]:
    """Return a fault of every n-th record, until it happened that often."""
    seen: list[LoggedRecord] = []
    failed: list[LoggedRecord] = []

    def chosen(record: LoggedRecord) -> int | None:
        seen.append(record)
        if len(seen) % nth or len(failed) >= times:
            return None
        failed.append(record)
        return fault(record)

    return chosen


def duplicates(log: Sequence[LoggedRecord]) -> int:
    """Return how many records repeat an event that is in the log before them."""
    return len(log) - len({record.headers["ce_id"] for record in log})
