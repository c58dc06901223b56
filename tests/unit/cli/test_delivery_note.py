"""A delivery note is read whole: where one line is wrong there is no note, and each such line is named."""

import pytest

from cli.stock.delivery_note import AT_ONCE, NoteLine, UnusableNoteError, read_note, replenishments

HEADER = "sku,quantity"
WIDE = "sku,quantity,reorder_level"


def complaints(*rows: str) -> tuple[str, ...]:
    with pytest.raises(UnusableNoteError) as refused:
        read_note(rows)
    return refused.value.rows


def test_a_note_with_and_without_reorder_levels_is_read_in_the_order_of_its_articles() -> None:
    assert read_note([WIDE, "TEAPOT,5,2", "", "CUP, 1000000 ,"]) == [
        NoteLine(sku="CUP", quantity=1_000_000),
        NoteLine(sku="TEAPOT", quantity=5, reorder_level=2),
    ]
    assert read_note([HEADER, "CUP,1"]) == [NoteLine(sku="CUP", quantity=1)]


@pytest.mark.parametrize("header", ["", "quantity,sku", "TEAPOT,5", "sku,quantity,price"])
def test_a_note_says_which_column_is_which(header: str) -> None:
    assert complaints(header, "TEAPOT,5")[0].startswith("line 1: the columns are")


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
def test_a_line_that_is_wrong_is_named_by_its_number(row: str) -> None:
    (complaint,) = complaints(HEADER, "CUP,1", row)
    assert complaint.startswith("line 3: ")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("TEAPOT,-1", "'-1' is no whole number in digits"),
        ("argument,1", "'argument' is no article, which is like TEAPOT or CUP-2"),
        ("TEAPOT", "not as many cells as columns"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_words(row: str, why: str) -> None:
    assert complaints(HEADER, row) == (f"line 2: {why}",)


def test_all_lines_that_are_wrong_are_named_at_once() -> None:
    found = complaints(WIDE, "TEAPOT,0,", "CUP,1,", "CUP,2,", "SPOON,1,x")
    assert [complaint.split(":")[0] for complaint in found] == ["line 2", "line 4", "line 5"]
    assert "stands in an earlier line" in found[1]


def test_a_note_without_an_article_is_none() -> None:
    assert complaints(HEADER) == ("line 2: there is no article in it",)


def test_the_same_articles_have_the_same_ids_in_whatever_order_and_others_have_others() -> None:
    one, same = read_note([HEADER, "CUP,1", "TEAPOT,5"]), read_note([WIDE, "TEAPOT,5,9", "CUP,1,"])
    assert replenishments(one, None) == replenishments(same, None)
    assert replenishments(one, None) != replenishments(read_note([HEADER, "CUP,1", "TEAPOT,6"]), None)


def test_a_long_note_is_several_replenishments_of_one_reference() -> None:
    note = read_note([HEADER, *(f"A-{number:03},1" for number in range(AT_ONCE + 1))])
    parts = replenishments(note, "D-42")
    assert [(part.replenishment_id, len(part.lines)) for part in parts] == [
        ("D-42-1", AT_ONCE),
        ("D-42-2", 1),
    ]


@pytest.mark.parametrize("reference", ["", " ", "a b", "é", "x" * 59])
def test_a_reference_is_fit_for_an_id(reference: str) -> None:
    if reference:
        with pytest.raises(UnusableNoteError):
            replenishments(read_note([HEADER, "CUP,1"]), reference)
    else:
        assert replenishments(read_note([HEADER, "CUP,1"]), reference)[0].replenishment_id.startswith("note-")
