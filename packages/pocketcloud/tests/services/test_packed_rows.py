"""Older rows of a table are compressed, and are read and written as before."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import World

from pocketcloud import OfflineCloud
from pocketcloud.dynamodb import packed_rows
from pocketcloud.dynamodb.attribute_values import plain_attributes, typed_attributes
from pocketcloud.dynamodb.packed_rows import Packing, TableRow

NUMBERS = st.integers(-(10**20), 10**20).map(str)
SCALARS = st.one_of(
    st.fixed_dictionaries({"S": st.text()}),
    st.fixed_dictionaries({"N": NUMBERS}),
    st.fixed_dictionaries({"BOOL": st.booleans()}),
    st.just({"NULL": True}),
    st.fixed_dictionaries({"SS": st.lists(st.text(), min_size=1, unique=True)}),
    st.fixed_dictionaries({"NS": st.lists(NUMBERS, min_size=1, unique=True)}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"L": st.lists(inner)}),
        st.fixed_dictionaries({"M": st.dictionaries(st.text(min_size=1), inner)}),
    ),
    max_leaves=6,
)
ITEMS = st.dictionaries(st.text(min_size=1), VALUES)


@pytest.fixture
def recent(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(packed_rows, "_RECENT", 2)
    return 2


@given(st.lists(ITEMS, min_size=1, max_size=4))
def test_rows_are_equal_after_compression(items: list[dict[str, Any]]) -> None:
    packing = Packing()
    key = typed_attributes({"pk": {"S": "a"}})["pk"]
    rows = [TableRow(key, None, typed_attributes(item)) for item in items]
    for row in rows:
        packing.add(row)
    for row in rows:
        row.pack(packing)
    assert [plain_attributes(row.attrs) for row in rows] == items


def test_similar_rows_take_a_third() -> None:
    packing = Packing()
    items = []
    for number in range(300):
        detail = {"id": f"order-{number:06}", "status": "CONFIRMED", "currency": "EUR", "customer": number}
        items.append({"pk": {"S": f"order-{number:06}"}, "event": {"S": json.dumps(detail)}})
        attributes = typed_attributes(items[-1])
        packing.add(TableRow(attributes["pk"], None, attributes))
    assert len(packing.pack(typed_attributes(items[-1]))) < len(json.dumps(items[-1])) / 3


def test_compressed_rows_are_read_and_written_as_others(world: World, recent: int) -> None:
    client = _things(world.cloud)
    expected: dict[str, dict[str, Any]] = {}
    for number in range(20):
        item = {"pk": {"S": "a"}, "sk": {"S": f"{number:02}"}, "m": {"M": {"n": {"N": f"{number}"}}}}
        client.put_item(TableName="things", Item=item)
        expected[f"{number:02}"] = item
    rows = [
        row for row in world.cloud.engine.dynamodb.tables["things"].all_items() if isinstance(row, TableRow)
    ]
    assert [row.is_compressed for row in rows].count(True) == 20 - recent
    # The nested path is left to moto, which changes an item in place.
    for sort_key, expression in (("03", "SET m.n = m.n + :v"), ("04", "SET n = :v")):
        client.update_item(
            TableName="things",
            Key={"pk": {"S": "a"}, "sk": {"S": sort_key}},
            UpdateExpression=expression,
            ExpressionAttributeValues={":v": {"N": "100"}},
        )
    expected["03"]["m"] = {"M": {"n": {"N": "103"}}}
    expected["04"]["n"] = {"N": "100"}
    client.delete_item(TableName="things", Key={"pk": {"S": "a"}, "sk": {"S": "05"}})
    del expected["05"]
    condition = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "a"}},
    }
    found = client.query(TableName="things", **condition)["Items"]
    filtered = client.scan(
        TableName="things", FilterExpression="m.n > :v", ExpressionAttributeValues={":v": {"N": "100"}}
    )["Items"]
    one = client.get_item(TableName="things", Key={"pk": {"S": "a"}, "sk": {"S": "07"}})["Item"]
    assert (found, filtered, one) == (list(expected.values()), [expected["03"]], expected["07"])


def test_stream_shows_rows_that_were_compressed_meanwhile(world: World, recent: int) -> None:
    client = _things(world.cloud)
    keys = [{"pk": {"S": "a"}, "sk": {"S": f"{number}"}} for number in range(4 * recent)]
    for key in keys:
        client.put_item(TableName="things", Item={**key, "state": {"S": "new"}})
    for key in keys:
        client.update_item(
            TableName="things",
            Key=key,
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues={":s": {"S": "old"}},
        )
    arn = client.describe_table(TableName="things")["Table"]["LatestStreamArn"]
    streams = world.cloud.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**start)["ShardIterator"]
    records = [each["dynamodb"] for each in streams.get_records(ShardIterator=iterator)["Records"]]
    states = [
        (each["Keys"], each.get("OldImage", {}).get("state"), each["NewImage"]["state"]) for each in records
    ]
    assert states == [
        *((key, None, {"S": "new"}) for key in keys),
        *((key, {"S": "new"}, {"S": "old"}) for key in keys),
    ]


def _things(cloud: OfflineCloud) -> Any:
    client = cloud.client("dynamodb")
    names = ("pk", "HASH"), ("sk", "RANGE")
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in names],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in names],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return client
