import json

import pytest
from botocore.exceptions import ClientError
from small_world import World
from transaction_items import put, rows, stocked, take, write

from pocketcloud import Kind

ABSENT = "attribute_not_exists(pk)"


def test_all_items_are_written_together(world: World) -> None:
    stocked(world, cup=3, pot=1)
    delete = {"Delete": {"TableName": "log", "Key": {"pk": {"S": "pot"}}}}
    check = {"ConditionCheck": {"TableName": "log", "Key": {"pk": {"S": "x"}}, "ConditionExpression": ABSENT}}
    write(world, put("order", ConditionExpression=ABSENT), take("cup", 2), delete, check)
    assert rows(world) == {"cup": "1", "order": None}


def test_failed_condition_writes_nothing_and_returns_the_reasons(world: World) -> None:
    stocked(world, cup=3)
    again = put("cup", ConditionExpression=ABSENT, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    with pytest.raises(ClientError) as cancelled:
        write(world, put("order"), again)
    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {"pk": {"S": "cup"}, "n": {"N": "3"}}
    assert rows(world) == {"cup": "3"}


def test_late_failure_undoes_earlier_writes(world: World) -> None:
    stocked(world, cup=3)
    with pytest.raises(ClientError, match="ValidationError"):
        write(world, take("cup"), put("order"), take("nobody"))
    assert rows(world) == {"cup": "3"}


def test_cancelled_transaction_adds_no_stream_record(world: World) -> None:
    stocked(world, cup=3)
    before = len(world.hops(Kind.RECORDED))
    with pytest.raises(ClientError):
        write(world, put("ghost"), take("nobody"))
    write(world, put("real"))
    shard = world.cloud.engine.dynamodb.get_table("log").stream_shard
    assert shard is not None
    assert "ghost" not in json.dumps([item.to_json()["dynamodb"]["Keys"] for item in shard.items])
    assert len(world.hops(Kind.RECORDED)) == before + 1


def test_repeated_token_writes_nothing(world: World) -> None:
    stocked(world, cup=3)
    for _ in range(2):
        write(world, take("cup"), ClientRequestToken="t1")
    assert rows(world) == {"cup": "2"}
    world.cloud.advance(minutes=10)
    write(world, take("cup"), ClientRequestToken="t1")
    assert rows(world) == {"cup": "1"}


def test_token_with_other_items_is_rejected(world: World) -> None:
    stocked(world, cup=3)
    write(world, take("cup"), ClientRequestToken="t1")
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        write(world, take("cup", 2), ClientRequestToken="t1")
    assert rows(world) == {"cup": "2"}


def test_token_is_reusable_after_a_failure(world: World) -> None:
    stocked(world, cup=0)
    sold = take("cup", ConditionExpression="n >= :n")
    with pytest.raises(ClientError):
        write(world, sold, ClientRequestToken="t1")
    stock = {"pk": {"S": "cup"}, "n": {"N": "5"}}
    world.cloud.client("dynamodb").put_item(TableName="log", Item=stock)
    write(world, sold, ClientRequestToken="t1")
    assert rows(world) == {"cup": "4"}


def test_duplicate_item_is_rejected(world: World) -> None:
    stocked(world, cup=3)
    with pytest.raises(ClientError, match="multiple operations on one item"):
        write(world, take("cup"), take("cup"))


def test_hundred_items_are_the_maximum(world: World) -> None:
    stocked(world)
    write(world, *[put(str(number)) for number in range(100)])
    with pytest.raises(ClientError, match="100"):
        write(world, *[put(f"x{number}") for number in range(101)])
    assert len(rows(world)) == 100
