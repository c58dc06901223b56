"""`cli.stock.delivery_note`: a note is valid as a whole, or every invalid line is reported."""

import pytest

from cli.stock.delivery_note import (
    LINES_PER_REPLENISHMENT,
    NoteLine,
    UnusableNoteError,
    read_note,
    replenishments,
)

HEADER = "sku,quantity"
WIDE = "sku,quantity,reorder_level"


def errors_of(*rows: str) -> tuple[str, ...]:
    with pytest.raises(UnusableNoteError) as raised:
        read_note(rows)
    return raised.value.rows


def test_read_note_sorts_lines_by_sku() -> None:
    assert read_note([WIDE, "TEAPOT,5,2", "", "CUP, 1000000 ,"]) == [
        NoteLine(sku="CUP", quantity=1_000_000),
        NoteLine(sku="TEAPOT", quantity=5, reorder_level=2),
    ]
    assert read_note([HEADER, "CUP,1"]) == [NoteLine(sku="CUP", quantity=1)]


@pytest.mark.parametrize("header", ["", "quantity,sku", "TEAPOT,5", "sku,quantity,price"])
def test_read_note_rejects_unknown_headers(header: str) -> None:
    assert errors_of(header, "TEAPOT,5")[0].startswith("line 1: the columns are")


@pytest.mark.parametrize(
    "row",
    [
        *(
            "TEAPOT,0",
            "TEAPOT,1000001",
            "TEAPOT,-1",
            "TEAPOT,1.5",
            "TEAPOT,1_000",
            "TEAPOT,\u0665",
            "TEAPOT,",
        ),
        *("teapot,1", ",1", "TEA#1,1", f"{'A' * 41},1", "TEAPOT", "TEAPOT,1,2", '"TEAPOT'),
    ],
)
def test_read_note_reports_the_number_of_an_invalid_line(row: str) -> None:
    (error,) = errors_of(HEADER, "CUP,1", row)
    assert error.startswith("line 3: ")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("TEAPOT,-1", "'-1' is not a whole number"),
        ("argument,1", "'argument' is not a SKU like TEAPOT or CUP-2"),
        ("HEARTBEAT,1", "HEARTBEAT is the SKU of synthetic orders: only the heartbeat adds its stock"),
        ("TEAPOT", "the number of cells differs from the number of columns"),
    ],
)
def test_read_note_says_why_a_line_is_invalid(row: str, why: str) -> None:
    assert errors_of(HEADER, row) == (f"line 2: {why}",)


def test_read_note_reports_all_invalid_lines_at_once() -> None:
    found = errors_of(WIDE, "TEAPOT,0,", "CUP,1,", "CUP,2,", "SPOON,1,x")
    assert [error.split(":")[0] for error in found] == ["line 2", "line 4", "line 5"]
    assert "is in an earlier line" in found[1]


def test_read_note_rejects_a_note_without_a_line() -> None:
    assert errors_of(HEADER) == ("line 2: there is no SKU",)


def test_replenishments_have_ids_by_their_contents() -> None:
    one, same = read_note([HEADER, "CUP,1", "TEAPOT,5"]), read_note([WIDE, "TEAPOT,5,9", "CUP,1,"])
    assert replenishments(one, None) == replenishments(same, None)
    assert replenishments(one, None) != replenishments(read_note([HEADER, "CUP,1", "TEAPOT,6"]), None)


def test_replenishments_split_a_long_note() -> None:
    note = read_note([HEADER, *(f"A-{number:03},1" for number in range(LINES_PER_REPLENISHMENT + 1))])
    parts = replenishments(note, "D-42")
    assert [(part.replenishment_id, len(part.lines)) for part in parts] == [
        ("D-42-1", LINES_PER_REPLENISHMENT),
        ("D-42-2", 1),
    ]


@pytest.mark.parametrize("reference", ["", " ", "a b", "é", "x" * 59])
def test_replenishments_reject_references_that_fit_no_id(reference: str) -> None:
    if reference:
        with pytest.raises(UnusableNoteError):
            replenishments(read_note([HEADER, "CUP,1"]), reference)
    else:
        assert replenishments(read_note([HEADER, "CUP,1"]), reference)[0].replenishment_id.startswith("note-")
