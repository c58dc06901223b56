"""Functions decide by consistent reads; what an index says is checked by a condition before it decides."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

READS = {
    "get_item",
    "batch_get_item",
    "query",
    "scan",
    "get_paginator",
    "execute_statement",
    "batch_execute_statement",
    "execute_transaction",
}
"""DynamoDB's reads. TransactGetItems is not among them: it always reads one consistent state."""

INDEXES = {
    "functions/shared/event_store/open_items.py": (
        "An index has no consistent reads. It only nominates payments: `take` changes the attempt itself, on "
        "the condition that it is still due, before anything is decided "
        "(tests/unit/functions/test_longest_due_first.py has stale indexes)."
    ),
}
"""The files that query a global secondary index, each with the reason."""


@dataclass(frozen=True)
class Read:
    """One call that reads a table or an index."""

    path: str
    call: ast.Call

    @property
    def is_consistent(self) -> bool:
        """Return whether the call has `ConsistentRead=True`, once for each table of a batch."""
        batches = [node for node in ast.walk(self.call) if isinstance(node, ast.Dict) and _has(node, "Keys")]
        if _operation(self.call) == "batch_get_item":
            return bool(batches) and all(_is_true(_value(batch, "ConsistentRead")) for batch in batches)
        return _is_true(_argument(self.call, "ConsistentRead"))

    @property
    def is_of_an_index(self) -> bool:
        return _argument(self.call, "IndexName") is not None

    def __str__(self) -> str:
        return f"{self.path}:{self.call.lineno}"


def reads_in(text: str, path: str = "example.py") -> list[Read]:
    """The reads of a module; a paginator's read is its `paginate`."""
    return [Read(path, call) for call in _reads(ast.parse(text))]


def _reads(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in READS - {"get_paginator"} or node.func.attr == "paginate":
            yield node


def _operation(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _has(node: ast.Dict, key: str) -> bool:
    return _value(node, key) is not None


def _value(node: ast.Dict, name: str) -> ast.expr | None:
    pairs = zip(node.keys, node.values, strict=True)
    return next((value for key, value in pairs if isinstance(key, ast.Constant) and key.value == name), None)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


READS_OF_FUNCTIONS = [
    read
    for path in sorted(FUNCTIONS.rglob("*.py"))
    for read in reads_in(path.read_text(), str(path.relative_to(FUNCTIONS.parent)))
]


@pytest.mark.parametrize("read", READS_OF_FUNCTIONS, ids=str)
def test_function_reads_consistently_unless_it_reads_an_index(read: Read) -> None:
    if read.is_of_an_index:
        assert read.path in INDEXES
    else:
        assert read.is_consistent, f"{read}: say ConsistentRead=True in the call itself"


def test_check_finds_every_read_of_the_functions() -> None:
    assert {read.path for read in READS_OF_FUNCTIONS if read.is_of_an_index} == set(INDEXES)
    text = "".join(path.read_text() for path in FUNCTIONS.rglob("*.py"))
    # `get_paginator` names the operation that `paginate` calls.
    assert len(READS_OF_FUNCTIONS) == sum(
        text.count(f".{name}(") for name in READS - {"get_paginator"} | {"paginate"}
    )
    assert text.count(".get_paginator(") == text.count(".paginate(")


def test_functions_read_tables_through_the_client_only() -> None:
    for path in FUNCTIONS.rglob("*.py"):
        assert "boto3.resource" not in path.read_text(), f"{path}: its reads would not be seen here"


@pytest.mark.parametrize(
    "text",
    [
        "client.get_item(TableName=t, Key=k)",
        "client.get_item(TableName=t, Key=k, ConsistentRead=False)",
        "client.get_item(TableName=t, Key=k, ConsistentRead=maybe)",
        "client.query(TableName=t)",
        'client.batch_get_item(RequestItems={t: {"Keys": k}})',
        'client.batch_get_item(RequestItems={t: {"Keys": k, "ConsistentRead": True}, u: {"Keys": k}})',
        "client.batch_get_item(RequestItems=requested)",
        'client.get_paginator("query").paginate(TableName=t)',
        'client.get_paginator("scan").paginate(TableName=t)',
    ],
)
def test_eventually_consistent_read_is_found(text: str) -> None:
    (read,) = reads_in(text)
    assert not read.is_consistent
    assert not read.is_of_an_index
