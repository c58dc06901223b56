"""A row is an order of exactly its amount, or rejected with its line and a reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.purchases import lines_worth, parse_purchases, read_purchases
from cli.demo.sample_orders import SampleLine

ROW = " 00004 0001 19970101  2   29.33"


def rejection(row: str) -> str:
    orders, (rejected,) = parse_purchases([ROW, row])
    assert (len(orders), rejected.line) == (1, 2)
    return rejected.reason


def test_row_is_an_order_of_its_day() -> None:
    (order,), rejected = parse_purchases([ROW])
    assert rejected == []
    assert order.customer == "cdnow-00004"
    assert order.key == "cdnow-1-00004-19970101"
    assert order.arrives == datetime(1997, 1, 1, tzinfo=UTC)
    assert order.lines == (SampleLine("CD-PREMIUM", 1, 1467), SampleLine("CD-STANDARD", 1, 1466))


@given(quantity=st.integers(1, 99), amount=st.integers(0, 100_000_000))
def test_lines_have_exactly_the_amount_and_quantity(quantity: int, amount: int) -> None:
    lines = lines_worth(quantity, amount)
    assert sum(line.quantity * line.unit_price for line in lines) == amount
    assert sum(line.quantity for line in lines) == quantity
    assert all(line.quantity > 0 for line in lines)
    assert len({line.sku for line in lines}) == len(lines)


def test_free_purchase_is_a_valid_order() -> None:
    (order,), _ = parse_purchases(["00004 0001 19970101 3 0.00"])
    assert order.lines == (SampleLine("CD-STANDARD", 3, 0),)


def test_orders_are_sorted_by_date_and_row() -> None:
    rows = ["1 1 19970103 1 1.00", "2 2 19970101 1 1.00", "3 3 19970103 1 1.00", "4 4 19970102 1 1.00"]
    assert [order.customer for order in parse_purchases(rows)[0]] == [
        "cdnow-2",
        "cdnow-4",
        "cdnow-1",
        "cdnow-3",
    ]


def test_equal_rows_are_two_orders() -> None:
    orders, _ = parse_purchases([ROW, ROW])
    assert len({order.key for order in orders}) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("00004 0001 19970101 2", "not five columns"),
        ("00004 0001 19970101 2 29.33 x", "not five columns"),
        ("customer sample date number amount", "not five columns"),
        ("00004 0001 19970101 two 29.33", "not five columns"),
        ("00004 0001 19970101 -2 29.33", "not five columns"),
        ("00004 0001 19970101 2 -29.33", "not five columns"),
        ("00004 0001 19970101 2 29.333", "not five columns"),
        ("00004 0001 19970101 2 29,33", "not five columns"),
        ("00004 0001 19970101 2 NaN", "not five columns"),
        ("00004 0001 1997-01-01 2 29.33", "not five columns"),
        ("٠٠٠٠٤ 0001 19970101 2 29.33", "not five columns"),
        ("\x00\ufffd", "not five columns"),
        ("00004 0001 19970230 2 29.33", "19970230 is not a date"),
        ("00004 0001 00010101 2 29.33", "00010101 is not between 1980 and 2099"),
        ("00004 0001 99991231 2 29.33", "99991231 is not between 1980 and 2099"),
        ("00004 0001 19970101 0 29.33", "the number of CDs, 0, is not between 1 and 99"),
        ("00004 0001 19970101 100 29.33", "the number of CDs, 100, is not between 1 and 99"),
        ("00004 0001 19970101 1 1000000.01", "the amount, 100000001 cents, is above 100000000"),
    ],
)
def test_invalid_row_is_rejected_with_a_reason(row: str, reason: str) -> None:
    assert rejection(row).startswith(reason)


def test_empty_lines_are_skipped_but_counted() -> None:
    _, (rejected,) = parse_purchases([ROW, "", "   ", "x"])
    assert rejected.line == 4


def test_invalid_byte_rejects_only_its_row(tmp_path: Path) -> None:
    file = tmp_path / "purchases.txt"
    file.write_bytes(f"{ROW}\r\n".encode() + b"\xff\xfe 1 19970101 1 1.00\r\n" + ROW.encode())
    orders, rejected = read_purchases(file)
    assert (len(orders), [row.line for row in rejected]) == (2, [2])


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory") as error:
        read_purchases(tmp_path / "nowhere.txt")
    assert error.value.code is ExitCode.USAGE
