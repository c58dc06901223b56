"""Order within a partition, from the event log through the stream to its consumers, under drawn faults.

A fault is drawn for each call: the stream rejects records, responses get lost, functions die in the middle of
a batch, Kafka acknowledges late or not at all. Lambda bisects batches and repeats them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pocketcloud import AwsCall, Crash, OfflineCloud
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.kafka_cluster import TIMED_OUT, KafkaCluster, LoggedRecord, cluster_in_memory, duplicates
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.streamed import STREAM, read_stream
from tests.workflow.test_analytics import counted, recomputed
from tests.workflow.test_kafka_bridge import assembly, logged
from tests.workflow.test_ordered_stream import THROTTLED

SEEDS = range(6)
FAULTS = 40
"""The most faults of a run: every event arrives in the end."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards, analytics and a bridge to Kafka that read it."""
    with OfflineCloud.start(assembly=assembly(tmp_path_factory, ordered=True)) as cloud:
        yield cloud


@dataclass
class DrawnFaults:
    """Faults of the stream, of its consumers and of Kafka, drawn from a seed."""

    rng: random.Random
    cluster: KafkaCluster
    happened: dict[str, int] = field(default_factory=dict)

    def call(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        """Reject records, or kill the function before or after a call that changes something."""
        if call.operation == "PutRecords" and self._draws("rejected", 0.3):
            return self._reject_some(call, proceed)
        writes = (f"{PREFIX}-stream", "PutRecords"), (f"{PREFIX}-analytics", "TransactWriteItems")
        if (call.function, call.operation) not in writes:
            return proceed()
        if self._draws("killed before", 0.15):
            raise Crash
        response = proceed()
        if self._draws("response lost", 0.15):
            raise Crash
        return response

    def record(self, record: LoggedRecord) -> int | None:
        """Refuse a record, lose its acknowledgement, or kill the bridge in the middle of its batch."""
        if self._draws("refused", 0.1):
            return TIMED_OUT
        if self._draws("acknowledgement lost", 0.1):
            self.cluster.log.append(record)
            return TIMED_OUT
        if self._draws("bridge killed", 0.1):
            raise Crash
        return None

    def _reject_some(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        records = list(call.parameters["Records"])
        chosen = {place for place in range(len(records)) if self.rng.random() < 0.5}
        call.parameters["Records"][:] = [each for n, each in enumerate(records) if n not in chosen]
        results = iter(proceed()["Records"] if len(chosen) < len(records) else [])
        return {"Records": [THROTTLED if n in chosen else next(results) for n in range(len(records))]}

    def _draws(self, name: str, share: float) -> bool:
        if sum(self.happened.values()) >= FAULTS or self.rng.random() >= share:
            return False
        self.happened[name] = self.happened.get(name, 0) + 1
        return True


def run(shop: Shop, faults: DrawnFaults) -> None:
    """Place orders of many kinds, and cut the shards in two meanwhile."""
    for number in range(8):
        method = "pm_card_chargeDeclined" if number % 4 == 3 else "pm_card_visa"
        body = an_order(lines=[{"sku": "CUP", "quantity": 1}], payment_method=method)
        shop.place(body, key=f"key-{number}", customer=f"customer-{number}")
        shop.cloud.advance(seconds=faults.rng.choice([0, 1, 20]))
        if number == 4:
            shop.cloud.client("kinesis").update_shard_count(
                StreamName=STREAM, TargetShardCount=4, ScalingType="UNIFORM_SCALING"
            )
    shop.cloud.settle()
    shop.cloud.advance(minutes=10)


def first_appearances(documents: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the ids of each subject's events in the order in which a reader first sees them."""
    found: dict[str, dict[str, None]] = {}
    for document in documents:
        found.setdefault(document["subject"], {})[document["id"]] = None
    return {subject: list(ids) for subject, ids in found.items()}


def on_kafka(cluster: KafkaCluster) -> dict[str, list[str]]:
    documents = [{"subject": each.key, "id": each.headers["ce_id"]} for each in cluster.log]
    return first_appearances(documents)


@pytest.mark.parametrize("seed", SEEDS)
def test_order_within_a_partition_survives_drawn_faults(shop: Shop, seed: int) -> None:
    shop.cloud.services.runtime.sandboxes.drop()
    with cluster_in_memory() as cluster:
        faults = DrawnFaults(random.Random(seed), cluster)
        cluster.fault = faults.record
        with call_fault(shop.cloud, faults.call):
            run(shop, faults)
        shop.cloud.advance(seconds=2)
        documents = read_stream(shop.cloud)
    types = {document["id"]: document["type"] for document in documents}
    streamed = first_appearances(documents)
    in_order = {order: [types[each] for each in streamed[order]] for order in logged(shop)}
    assert in_order == {order: shop.facts(order) for order in logged(shop)}
    assert on_kafka(cluster) == {order: ids for order, ids in streamed.items() if order in logged(shop)}
    assert counted(shop) == recomputed(shop)
    assert [each for each in shop.cloud.undelivered if not each.event] == []
    assert faults.happened.keys() >= {"rejected", "bridge killed"}
    assert duplicates(cluster.log) > 0
