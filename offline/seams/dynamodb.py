"""DynamoDB: moto keeps tables and items; transactions and stream records are ours."""

from collections.abc import Callable

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamShard
from moto.dynamodb.responses import DynamoHandler

from offline.seams.seam import Call, Seam
from offline.streams import Streams
from offline.transactions import Transactions

_MAXIMUM_BATCH = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
_UPDATE = (
    "self table_name key update_expression expression_attribute_names expression_attribute_values "
    "attribute_updates expected condition_expression return_values_on_condition_check_failure"
)


def seams(streams: Streams, transactions: Transactions) -> list[Seam]:
    """What of moto's DynamoDB is replaced."""
    return [*_transacting(transactions), _batching(), *_recording(streams)]


def _batching() -> Seam:
    original: Callable[[DynamoHandler], object] = DynamoHandler.batch_write_item

    def batch_write_item(handler: DynamoHandler, _: Call) -> object:
        # moto takes any number.
        requests = sum(len(of_table) for of_table in handler.body["RequestItems"].values())
        if not 1 <= requests <= _MAXIMUM_BATCH:
            raise MockValidationException(
                "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: "
                f"Map value must satisfy constraint: [Member must have length less than or equal to "
                f"{_MAXIMUM_BATCH}, Member must have length greater than or equal to 1]"
            )
        return original(handler)

    return Seam(DynamoHandler, "batch_write_item", "self", batch_write_item)


def _transacting(transactions: Transactions) -> list[Seam]:
    original: Callable[[DynamoHandler], object] = DynamoHandler.transact_write_items
    tokens: list[str | None] = []

    def handle(handler: DynamoHandler, _: Call) -> object:
        # The token is in the request only; moto's backend is not told.
        tokens.append(handler.body.get("ClientRequestToken"))
        try:
            return original(handler)
        finally:
            tokens.pop()

    def transact_write_items(backend: DynamoDBBackend, call: Call) -> None:
        transactions.write(backend, call["transact_items"], tokens[-1] if tokens else None)

    return [
        Seam(DynamoHandler, "transact_write_items", "self", handle),
        Seam(DynamoDBBackend, "transact_write_items", "self transact_items", transact_write_items),
    ]


def _recording(streams: Streams) -> list[Seam]:
    original = DynamoDBBackend.update_item

    def add(shard: StreamShard, call: Call) -> None:
        streams.add(shard, call["old"], call["new"])

    def update_item(backend: DynamoDBBackend, call: Call) -> Item:
        with streams.held():
            return original(backend, **call)

    return [
        Seam(StreamShard, "add", "self old new", add),
        Seam(DynamoDBBackend, "update_item", _UPDATE, update_item),
    ]
