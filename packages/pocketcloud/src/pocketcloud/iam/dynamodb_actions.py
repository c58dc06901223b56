"""DynamoDB: what each operation asks for; a transaction asks item by item, and has no action of its own.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnsupportedPolicyError

Parameters = Mapping[str, Any]
PartitionKey = Callable[[str, str | None], str | None]
"""The name of a table's partition key, or of that of one of its indexes; None if there is no such table."""

_NAME = re.compile(r"(?<![:\w.])#?[A-Za-z_]\w*(?!\w*\s*\()")
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_WORDS = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
"""What else than attributes' names an expression is made of."""
_EQUALS = re.compile(r"(?P<name>[#\w]+)\s*=\s*(?P<value>:\w+)")
_IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


class DynamoDbActions:
    """Knows the tables' keys, as `dynamodb:LeadingKeys` is made of the keys in a request."""

    def __init__(self, home: AccountRegion, partition_key: PartitionKey) -> None:
        self._home = home
        self._partition_key = partition_key
        self._operations: Mapping[str, Callable[[str, Parameters], Iterable[AccessRequest]]] = {
            "GetItem": self._one_key,
            "DeleteItem": self._one_key,
            "UpdateItem": self._one_key,
            "PutItem": self._one_item,
            "Query": self._query,
            "Scan": self._without_keys,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transaction,
            "TransactGetItems": self._transaction,
            "DescribeTable": self._without_keys,
        }

    def of(self, operation: str, parameters: Parameters) -> Iterable[AccessRequest]:
        """Everything the call needs; an operation that is not known is refused by name."""
        read = self._operations.get(operation)
        if read is None:
            raise UnsupportedPolicyError(f"nobody has said yet which permissions dynamodb.{operation} needs")
        return read(operation, parameters)

    def _one_key(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield self._asked(operation, parameters["TableName"], [parameters["Key"]], parameters)

    def _one_item(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield self._asked(operation, parameters["TableName"], [parameters["Item"]], parameters)

    def _without_keys(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(f"dynamodb:{operation}", self._resource(parameters), _selected(parameters))

    def _query(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        context = _selected(parameters)
        if (value := self._queried(parameters)) is not None:
            context["dynamodb:leadingkeys"] = (value,)
        yield AccessRequest(f"dynamodb:{operation}", self._resource(parameters), context)

    def _batch_get(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        for table, request in parameters["RequestItems"].items():
            yield self._asked(operation, table, request["Keys"], request)

    def _batch_write(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        for table, writes in parameters["RequestItems"].items():
            keys = [
                write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
                for write in writes
            ]
            yield self._asked(operation, table, keys, {})

    def _transaction(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        for item in parameters["TransactItems"]:
            kind, part = next(iter(item.items()))
            keys = [part["Item"] if kind == "Put" else part["Key"]]
            yield self._asked(_IN_TRANSACTION[kind], part["TableName"], keys, part, enclosing=operation)

    def _asked(
        self,
        action: str,
        table: str,
        items: Sequence[Mapping[str, Any]],
        parameters: Parameters,
        *,
        enclosing: str | None = None,
    ) -> AccessRequest:
        context: dict[str, Value] = {}
        key = self._partition_key(_name(table), None)
        if key is not None:
            context["dynamodb:leadingkeys"] = tuple(_plain(item[key]) for item in items if key in item)
        if enclosing:
            context["dynamodb:enclosingoperation"] = enclosing
        context["dynamodb:attributes"] = lambda: _attributes(items, parameters)
        if "ReturnValues" in parameters:
            context["dynamodb:returnvalues"] = parameters["ReturnValues"]
        return AccessRequest(f"dynamodb:{action}", self._home.arn("dynamodb", _table(table)), context)

    def _resource(self, parameters: Parameters) -> str:
        arn = self._home.arn("dynamodb", _table(parameters["TableName"]))
        return f"{arn}/index/{parameters['IndexName']}" if "IndexName" in parameters else arn

    def _queried(self, parameters: Parameters) -> str | None:
        """The partition key's value, which every query states by an equality."""
        key = self._partition_key(_name(parameters["TableName"]), parameters.get("IndexName"))
        names: Mapping[str, str] = parameters.get("ExpressionAttributeNames", {})
        for match in _EQUALS.finditer(parameters.get("KeyConditionExpression", "")):
            if names.get(match["name"], match["name"]) == key:
                return _plain(parameters["ExpressionAttributeValues"][match["value"]])
        return None


def _selected(parameters: Parameters) -> dict[str, Value]:
    attributes: dict[str, Value] = {"dynamodb:attributes": lambda: _attributes((), parameters)}
    return attributes | ({"dynamodb:select": parameters["Select"]} if "Select" in parameters else {})


def _attributes(items: Sequence[Mapping[str, Any]], parameters: Parameters) -> tuple[str, ...]:
    """All that a request names: in its keys, its items and its expressions."""
    return tuple(dict.fromkeys((*(name for item in items for name in item), *_named_in(parameters))))


def _named_in(parameters: Parameters) -> Iterator[str]:
    """The attributes in its expressions; of a path, the one it begins with."""
    names: Mapping[str, str] = parameters.get("ExpressionAttributeNames", {})
    for expression in _EXPRESSIONS:
        for name in _NAME.findall(parameters.get(expression, "")):
            if name.upper() not in _WORDS:
                yield names.get(name, name)


def _plain(value: Mapping[str, Any]) -> str:
    """An attribute's value without its type."""
    return str(next(iter(value.values())))


def _name(table: str) -> str:
    return table.rpartition("/")[2] if table.startswith("arn:") else table


def _table(table: str) -> str:
    return table if table.startswith("arn:") else f"table/{table}"
