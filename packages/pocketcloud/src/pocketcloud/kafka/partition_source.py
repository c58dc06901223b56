"""A partition of a topic as the source of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pocketcloud.kafka.record import KafkaRecord
from pocketcloud.kafka.topics import Partition
from pocketcloud.virtual_time.timestamps import iso_milliseconds


class PartitionSource:
    """One partition, read for one function."""

    read_actions: tuple[str, ...] = ()
    """None: IAM does not know other clusters, and the actions on Amazon MSK are checked at creation."""
    retention = timedelta(days=7)
    """Kafka's own default: https://kafka.apache.org/documentation/#brokerconfigs_log.retention.hours."""

    def __init__(self, servers: str, topic: str, partition: Partition, cluster_arn: str | None) -> None:
        self._servers = servers
        self._arn = {"eventSourceArn": cluster_arn} if cluster_arn else {}
        self._source = "aws:kafka" if cluster_arn else "SelfManagedKafka"
        self._partition = partition
        self._name = f"{topic}-{partition.number}"
        self.label = f"topic/{topic}"

    @property
    def shard_id(self) -> str:
        """The partition's name."""
        return self._name

    @property
    def is_closed(self) -> bool:
        """Whether the partition is closed; none is."""
        return False

    def shard(self) -> Partition:
        """Return the partition."""
        return self._partition

    def present(self, record: KafkaRecord) -> dict[str, Any]:
        """Return the record as the function receives it."""
        return record.as_lambda_record()

    def filtered(self, _: KafkaRecord, presented: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the record as the mapping's filters see it."""
        return presented

    def batch(self, presented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the event of these records; Lambda may mix partitions, and here it does not."""
        records = {self._name: list(presented)}
        return {
            "eventSource": self._source,
            **self._arn,
            "bootstrapServers": self._servers,
            "records": records,
        }

    def batch_info(self, records: Sequence[KafkaRecord], _arn: str) -> dict[str, Any]:
        """Return the member of an on-failure message that describes these records.

        https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
        """
        event = self.batch([self.present(each) for each in records])
        first, last = records[0], records[-1]
        places = {
            "firstRecordOffset": str(first.number),
            "lastRecordOffset": str(last.number),
            "firstRecordTimestamp": iso_milliseconds(first.written_at),
            "lastRecordTimestamp": iso_milliseconds(last.written_at),
        }
        described = {
            "batchSize": len(records),
            **self._arn,
            "bootstrapServers": self._servers,
            "payloadSize": len(json.dumps(event)),
            "recordsInfo": {self._name: places},
        }
        return {"KafkaBatchInfo": described}

    def reported(self, identifier: object) -> object:
        """Return the record that the function names as failed: `{"partition": …, "offset": …}`."""
        if isinstance(identifier, dict) and identifier.keys() == {"partition", "offset"}:
            return f"{identifier['partition']}:{identifier['offset']}"
        return None
