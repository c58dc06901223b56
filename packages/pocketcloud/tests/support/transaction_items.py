"""Items of DynamoDB transactions, and the rows they leave."""

from typing import Any

from small_world import World


def put(key: str, **more: Any) -> dict[str, Any]:
    """Return a put of a row."""
    return {"Put": {"TableName": "log", "Item": {"pk": {"S": key}}, **more}}


def take(key: str, amount: int = 1, **more: Any) -> dict[str, Any]:
    """Return an update that subtracts from a row's number."""
    return {
        "Update": {
            "TableName": "log",
            "Key": {"pk": {"S": key}},
            "UpdateExpression": "SET n = n - :n",
            "ExpressionAttributeValues": {":n": {"N": str(amount)}},
            **more,
        }
    }


def write(world: World, *items: dict[str, Any], **more: str) -> None:
    world.cloud.client("dynamodb").transact_write_items(TransactItems=list(items), **more)


def rows(world: World) -> dict[str, str | None]:
    """Return all rows' keys and numbers."""
    items = world.cloud.client("dynamodb").scan(TableName="log")["Items"]
    return {item["pk"]["S"]: item.get("n", {}).get("N") for item in items}


def stocked(world: World, **numbers: int) -> None:
    """Create a table with these rows."""
    world.table()
    for key, number in numbers.items():
        item = {"pk": {"S": key}, "n": {"N": str(number)}}
        world.cloud.client("dynamodb").put_item(TableName="log", Item=item)
