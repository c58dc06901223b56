"""Read the ordered stream of an offline stage."""

import json
from typing import Any

from pocketcloud import OfflineCloud
from tests.workflow.shop import PREFIX

STREAM = f"{PREFIX}-events"


def read_stream(cloud: OfflineCloud) -> list[dict[str, Any]]:
    """Return every document on the stream, a shard after the other; parents come before their children."""
    client = cloud.client("kinesis")
    found: list[dict[str, Any]] = []
    for shard in client.list_shards(StreamName=STREAM)["Shards"]:
        start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        token = client.get_shard_iterator(StreamName=STREAM, **start)["ShardIterator"]
        response = client.get_records(ShardIterator=token)
        assert response["MillisBehindLatest"] == 0
        found += [json.loads(record["Data"]) for record in response["Records"]]
    return found
