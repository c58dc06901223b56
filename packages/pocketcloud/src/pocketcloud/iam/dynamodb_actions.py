"""The permissions of DynamoDB operations; a transaction needs the permission of each of its items.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion, DeferredContext
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnknownOperationError

Parameters = Mapping[str, Any]
PartitionKey = Callable[[str, str | None], str | None]
"""Returns the name of the partition key of a table or of its index; None if there is no such table."""

_NAME = re.compile(r"(?<![:\w.])#?[A-Za-z_]\w*(?!\w*\s*\()")
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_KEYWORDS = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
"""Words in expressions that are not attribute names."""
_EQUALS = re.compile(r"(?P<name>[#\w]+)\s*=\s*(?P<value>:\w+)")
_PARTIQL = re.compile(
    r"""(?is)(?P<verb>select|insert|update|delete)\b(?:.*?\b(?:from|into)\b)?\s+"?(?P<table>[\w.-]+)"?"""
    r"""(?:\."?(?P<index>[\w-]+)"?)?"""
)
"""The verb, the table and the index of a PartiQL statement."""
_IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


class DynamoDbActions:
    """The permissions that DynamoDB calls need, with `dynamodb:LeadingKeys` from the tables' keys."""

    def __init__(self, location: AccountRegion, partition_key: PartitionKey) -> None:
        self._location = location
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
            "ExecuteStatement": self._statement,
        }

    def of(self, operation: str, parameters: Parameters) -> Iterable[AccessRequest]:
        """Return every permission that the call needs; reject an unknown operation."""
        read = self._operations.get(operation)
        if read is None:
            raise UnknownOperationError(
                f"the permissions of dynamodb.{operation} are not known: add them to {__name__}"
            )
        return read(operation, parameters)

    def _one_key(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield self._request(operation, parameters["TableName"], [parameters["Key"]], parameters)

    def _one_item(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield self._request(operation, parameters["TableName"], [parameters["Item"]], parameters)

    def _without_keys(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(f"dynamodb:{operation}", self._resource(parameters), _selected(parameters))

    def _query(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        context = _selected(parameters)
        if (value := self._queried_key(parameters)) is not None:
            context["dynamodb:leadingkeys"] = (value,)
        yield AccessRequest(f"dynamodb:{operation}", self._resource(parameters), context)

    def _statement(self, _: str, parameters: Parameters) -> Iterator[AccessRequest]:
        """Yield the permission of a PartiQL statement.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
        """
        found = _PARTIQL.match(parameters["Statement"].strip())
        if found is None:
            raise UnknownOperationError("the permissions of the PartiQL statement are not known")
        verb, table, index = found["verb"].capitalize(), found["table"], found["index"]
        arn = self._location.arn("dynamodb", _table(table)) + (f"/index/{index}" if index else "")
        yield AccessRequest(f"dynamodb:PartiQL{verb}", arn)

    def _batch_get(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        for table, request in parameters["RequestItems"].items():
            yield self._request(operation, table, request["Keys"], request)

    def _batch_write(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        for table, writes in parameters["RequestItems"].items():
            keys = [
                write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
                for write in writes
            ]
            yield self._request(operation, table, keys, {})

    def _transaction(self, operation: str, parameters: Parameters) -> Iterator[AccessRequest]:
        """Yield each item's permission, with its own key and with all keys of its table in the request.

        AWS does not document which of the two `dynamodb:LeadingKeys` holds, so both must be allowed.
        """
        parts = [next(iter(item.items())) for item in parameters["TransactItems"]]
        keys = [part["Item"] if kind == "Put" else part["Key"] for kind, part in parts]
        of_table: dict[str, list[Mapping[str, Any]]] = {}
        for (_, part), key in zip(parts, keys, strict=True):
            of_table.setdefault(part["TableName"], []).append(key)
        for (kind, part), key in zip(parts, keys, strict=True):
            table, all_keys = part["TableName"], of_table[part["TableName"]]
            for reading in ([key], all_keys) if len(all_keys) > 1 else ([key],):
                yield self._request(_IN_TRANSACTION[kind], table, reading, part, enclosing=operation)

    def _request(
        self,
        action: str,
        table: str,
        items: Sequence[Mapping[str, Any]],
        parameters: Parameters,
        *,
        enclosing: str | None = None,
    ) -> AccessRequest:
        context = DeferredContext(lambda: self._item_context(table, items, parameters, enclosing))
        return AccessRequest(f"dynamodb:{action}", self._location.arn("dynamodb", _table(table)), context)

    def _item_context(
        self,
        table: str,
        items: Sequence[Mapping[str, Any]],
        parameters: Parameters,
        enclosing: str | None,
    ) -> dict[str, Value]:
        context: dict[str, Value] = {}
        key = self._partition_key(_name(table), None)
        if key is not None:
            context["dynamodb:leadingkeys"] = tuple(_plain(item[key]) for item in items if key in item)
        if enclosing:
            context["dynamodb:enclosingoperation"] = enclosing
        context["dynamodb:attributes"] = lambda: _attributes(items, parameters)
        if "ReturnValues" in parameters:
            context["dynamodb:returnvalues"] = parameters["ReturnValues"]
        return context

    def _resource(self, parameters: Parameters) -> str:
        arn = self._location.arn("dynamodb", _table(parameters["TableName"]))
        return f"{arn}/index/{parameters['IndexName']}" if "IndexName" in parameters else arn

    def _queried_key(self, parameters: Parameters) -> str | None:
        """Return the value that the query's key condition sets for the partition key."""
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
    """Return all attributes in the request's keys, items and expressions."""
    return tuple(dict.fromkeys((*(name for item in items for name in item), *_named_in(parameters))))


def _named_in(parameters: Parameters) -> Iterator[str]:
    """Return the attributes in the request's expressions; only the first element of a path."""
    names: Mapping[str, str] = parameters.get("ExpressionAttributeNames", {})
    for expression in _EXPRESSIONS:
        for name in _NAME.findall(parameters.get(expression, "")):
            if name.upper() not in _KEYWORDS:
                yield names.get(name, name)


def _plain(value: Mapping[str, Any]) -> str:
    """Return an attribute's value without its type."""
    return str(next(iter(value.values())))


def _name(table: str) -> str:
    return table.rpartition("/")[2] if table.startswith("arn:") else table


def _table(table: str) -> str:
    return table if table.startswith("arn:") else f"table/{table}"
