"""DynamoDB's units, as the cost benchmark computes them from rows."""

import pytest

from benchmarks.units import Row, Write, index_units, read_units, row_bytes, write_units, writes

INDEX = ("open_in", "due_at")
OPEN = {"open_in": {"S": "open-1"}, "due_at": {"S": "10:00"}}
KEYS = {"t": ("id",)}


def test_row_size_is_names_and_values() -> None:
    assert (
        row_bytes({"id": {"S": "é1"}, "n": {"N": "-120"}, "s": {"SS": ["ab", "c"]}}) == 2 + 3 + 1 + 2 + 1 + 3
    )
    with pytest.raises(ValueError, match="XX has no known size"):
        row_bytes({"id": {"XX": "1"}})


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        ({}, {}, 1),
        ({}, {"id": {"S": "x" * 1022}}, 1),
        ({}, {"id": {"S": "x" * 1023}}, 2),
        ({"id": {"S": "x" * 1023}}, {"id": {"S": "1"}}, 2),
    ],
    ids=["failed", "full unit", "one byte more", "larger before"],
)
def test_write_costs_the_larger_of_both_rows(before: Row, after: Row, units: int) -> None:
    assert write_units(Write("t", {}), before, after) == units
    assert write_units(Write("t", {}, 2), before, after) == 2 * units


def test_index_entry_costs_a_unit_in_and_a_unit_out() -> None:
    moved = {**OPEN, "due_at": {"S": "11:00"}}
    assert index_units([INDEX], {}, OPEN) == 1
    assert index_units([INDEX], OPEN, {**OPEN, "other": {"S": "1"}}) == 0
    assert index_units([INDEX], OPEN, moved) == 2
    assert index_units([INDEX], OPEN, {"due_at": {"S": "10:00"}}) == 1


def test_transaction_has_every_item_at_double_price() -> None:
    put = {"Put": {"TableName": "t", "Item": {"id": {"S": "1"}, "x": {"S": "2"}}}}
    check = {"ConditionCheck": {"TableName": "t", "Key": {"id": {"S": "3"}}}}
    parameters = {"TransactItems": [put, check]}
    assert writes("TransactWriteItems", parameters, KEYS) == [
        Write("t", {"id": {"S": "1"}}, 2),
        Write("t", {"id": {"S": "3"}}, 2),
    ]


def test_read_costs_half_when_it_may_be_old() -> None:
    response = {"Item": {"id": {"S": "x" * 4096}}}
    assert read_units("GetItem", {}, response) == 1
    assert read_units("GetItem", {"ConsistentRead": True}, response) == 2
    batch = {"RequestItems": {"t": {"Keys": [{}, {}], "ConsistentRead": True}}}
    assert read_units("BatchGetItem", batch, {"Responses": {"t": []}}) == 2
