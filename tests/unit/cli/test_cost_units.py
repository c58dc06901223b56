"""Sizes and billing units of DynamoDB items, and of their index entries."""

from typing import Any

import pytest

from cli.cost.counting.capacity_meter import units_of_read
from cli.cost.counting.index_units import IndexKeys, TableKeys, index_units
from cli.cost.counting.item_size import item_bytes, write_units

ORDER = {"id": {"S": "o1"}, "open_in": {"S": "0"}, "since": {"S": "09:00"}, "note": {"S": "x"}}
SPARSE = TableKeys(("id",), (IndexKeys(("open_in", "since"), ("open_in", "since", "id")),))


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"a": {"S": "é"}}, 3),
        ({"ab": {"N": "1499"}}, 5),
        ({"a": {"N": "-7"}}, 4),
        ({"a": {"N": "100"}}, 3),
        ({"a": {"BOOL": True}}, 2),
        ({"a": {"L": [{"S": "xy"}]}}, 7),
        ({"a": {"M": {"b": {"S": "xy"}}}}, 8),
        ({"a": {"SS": ["x", "yz"]}}, 4),
        (None, 0),
    ],
)
def test_item_has_the_documented_size(item: Any, size: int) -> None:
    assert item_bytes(item) == size


def test_write_costs_the_larger_image() -> None:
    small, large = {"a": {"S": "x"}}, {"a": {"S": "x" * 1024}}
    assert (write_units(small), write_units(small, large), write_units(large, None)) == (1, 2, 2)


@pytest.mark.parametrize(
    ("after", "units"),
    [
        (ORDER, 0),
        ({**ORDER, "note": {"S": "y"}}, 0),
        ({**ORDER, "since": {"S": "10:00"}}, 2),
        ({"id": {"S": "o1"}}, 1),
        (None, 1),
    ],
    ids=["same", "not-projected", "moved", "left", "deleted"],
)
def test_sparse_index_is_written_when_its_entry_changes(after: Any, units: int) -> None:
    assert index_units(SPARSE, ORDER, after) == units


def test_index_of_all_attributes_follows_every_change() -> None:
    table = TableKeys(("id",), (IndexKeys(("open_in",), None),))
    assert index_units(table, ORDER, {**ORDER, "note": {"S": "y"}}) == 1


@pytest.mark.parametrize(
    ("operation", "parameters", "response", "units"),
    [
        ("GetItem", {}, {"Item": ORDER}, 0.5),
        ("GetItem", {"ConsistentRead": True}, {}, 1.0),
        ("GetItem", {"ConsistentRead": True}, {"Item": {"a": {"S": "x" * 4096}}}, 2.0),
        ("Query", {}, {"Items": [ORDER, ORDER]}, 0.5),
        ("TransactGetItems", {}, {"Responses": [{"Item": ORDER}, {}]}, 4.0),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [1, 2]}}}, {"Responses": {"t": [ORDER]}}, 1.0),
        ("PutItem", {}, {}, 0.0),
    ],
)
def test_read_costs_what_it_returns(operation: str, parameters: Any, response: Any, units: float) -> None:
    assert units_of_read(operation, parameters, response) == units
