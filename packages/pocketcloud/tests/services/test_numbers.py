"""Numbers that DynamoDB cannot store are rejected with AWS's message, wherever a request has them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

LARGEST, SMALLEST = "9" * 38 + "e88", "1e-130"
TOO_LONG = "1" + "2" * 38
DIGITS = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
KEY = {"pk": {"S": "a"}}
INVALID = {"N": TOO_LONG}


@pytest.fixture
def table(world: World) -> Any:
    world.table()
    client = world.cloud.client("dynamodb")
    client.put_item(TableName="log", Item={**KEY, "n": {"N": "1"}})
    return client


def rejection(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as rejected:
        call(**parameters)
    error = rejected.value.response["Error"]
    assert error["Code"] == "ValidationException"
    return error["Message"]


@pytest.mark.parametrize(
    "number",
    ["0", "-0.0", "0e999", LARGEST, f"-{LARGEST}", SMALLEST, "9" * 38, "1" + "0" * 60, "00" + "1" * 38],
)
def test_number_in_range_is_stored(table: Any, number: str) -> None:
    table.put_item(TableName="log", Item={**KEY, "n": {"N": number}})
    assert float(table.get_item(TableName="log", Key=KEY)["Item"]["n"]["N"]) == float(number)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (TOO_LONG, DIGITS),
        (f"-1.{'2' * 38}", DIGITS),
        ("1e126", OVERFLOW),
        (f"-{LARGEST}0", OVERFLOW),
        ("1e-131", UNDERFLOW),
        ("one", "The parameter cannot be converted to a numeric value: one"),
        ("1_000", "The parameter cannot be converted to a numeric value: 1_000"),
        ("", "The parameter cannot be converted to a numeric value"),
    ],
)
@pytest.mark.parametrize("place", ["number", "set", "list", "map"])
def test_invalid_number_is_rejected_with_the_message_of_aws(
    table: Any, number: str, message: str, place: str
) -> None:
    value = {
        "number": {"N": number},
        "set": {"NS": [number, "1"]},
        "list": {"L": [{"N": "1"}, {"N": number}]},
        "map": {"M": {"N": {"N": number}}},
    }[place]
    assert rejection(table.put_item, TableName="log", Item={**KEY, "n": value}) == message
    assert table.get_item(TableName="log", Key=KEY)["Item"]["n"] == {"N": "1"}


def test_attribute_named_as_a_type_is_no_number(table: Any) -> None:
    table.put_item(TableName="log", Item={**KEY, "N": {"S": "x"}, "NS": {"L": []}})
    found = table.scan(
        TableName="log",
        FilterExpression="#n = :n",
        ExpressionAttributeNames={"#n": "N"},
        ExpressionAttributeValues={":n": {"S": "x"}},
    )
    assert found["Count"] == 1


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("get_item", {"Key": {"pk": INVALID}}),
        ("delete_item", {"Key": {"pk": INVALID}}),
        ("update_item", {"Key": KEY, "AttributeUpdates": {"n": {"Value": INVALID}}}),
        ("put_item", {"Item": KEY, "Expected": {"n": {"Value": INVALID}}}),
        ("scan", {"ExclusiveStartKey": {"pk": INVALID}}),
    ],
)
def test_every_operation_on_a_table_checks_numbers(
    table: Any, operation: str, request_: dict[str, Any]
) -> None:
    assert rejection(getattr(table, operation), TableName="log", **request_) == DIGITS


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("put_item", {"Item": KEY, "ConditionExpression": "n = :n"}),
        ("update_item", {"Key": KEY, "UpdateExpression": "SET n = :n"}),
        ("delete_item", {"Key": KEY, "ConditionExpression": "n = :n"}),
        ("query", {"KeyConditionExpression": "pk = :n"}),
        ("scan", {"FilterExpression": "n = :n"}),
    ],
)
def test_invalid_value_of_an_expression_is_named(
    table: Any, operation: str, request_: dict[str, Any]
) -> None:
    request_ = {**request_, "ExpressionAttributeValues": {":n": INVALID}}
    message = rejection(getattr(table, operation), TableName="log", **request_)
    assert message == f"ExpressionAttributeValues contains invalid value: {DIGITS} for key :n"


def test_batches_and_transactions_check_numbers(table: Any) -> None:
    item = {**KEY, "n": INVALID}
    batch = {"log": [{"PutRequest": {"Item": item}}]}
    assert rejection(table.batch_write_item, RequestItems=batch) == DIGITS
    assert rejection(table.batch_get_item, RequestItems={"log": {"Keys": [{"pk": INVALID}]}}) == DIGITS
    put = [{"Put": {"TableName": "log", "Item": item}}]
    assert rejection(table.transact_write_items, TransactItems=put) == DIGITS
    get = [{"Get": {"TableName": "log", "Key": {"pk": INVALID}}}]
    assert rejection(table.transact_get_items, TransactItems=get) == DIGITS


@pytest.mark.parametrize("expression", ["ADD n :n", "SET n = n + :n", "SET m = :n, n = n + :n"])
@pytest.mark.parametrize("added", ["9" * 38 + "e50", f"0.{'3' * 38}"])
def test_sum_out_of_range_changes_nothing(table: Any, expression: str, added: str) -> None:
    table.put_item(TableName="log", Item={**KEY, "n": {"N": "7" * 38}})
    message = rejection(
        table.update_item,
        TableName="log",
        Key=KEY,
        UpdateExpression=expression,
        ExpressionAttributeValues={":n": {"N": added}},
    )
    assert message == OVERFLOW
    assert table.get_item(TableName="log", Key=KEY)["Item"] == {**KEY, "n": {"N": "7" * 38}}


def test_sum_out_of_range_creates_no_row(table: Any) -> None:
    key = {"pk": {"S": "new"}}
    values = {":n": {"N": "9" * 38}, ":m": {"N": f"0.{'1' * 38}"}}
    update = {"UpdateExpression": "SET n = :n + :m", "ExpressionAttributeValues": values}
    assert rejection(table.update_item, TableName="log", Key=key, **update) == OVERFLOW
    assert "Item" not in table.get_item(TableName="log", Key=key)


def test_sum_has_all_its_digits(table: Any) -> None:
    table.put_item(TableName="log", Item={**KEY, "n": {"N": "1" * 30}})
    changed = table.update_item(
        TableName="log",
        Key=KEY,
        UpdateExpression="ADD n :n",
        ExpressionAttributeValues={":n": {"N": "0.00000001"}},
        ReturnValues="ALL_NEW",
    )
    assert changed["Attributes"]["n"]["N"] == "1" * 30 + ".00000001"
