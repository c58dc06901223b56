"""`orderbus stock`: the shelf is shown, and a delivery note is added to it once, as any delivery is."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from cli.stock.levels import deliver
from tests.workflow.command_line import orderbus
from tests.workflow.judge import complaints
from tests.workflow.shop import Shop, an_order


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("stock", *arguments)


def listed() -> dict[str, dict[str, Any]]:
    code, out, _ = command("ls", "--json")
    assert code == ExitCode.OK
    return {article["sku"]: article for article in json.loads(out)}


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.csv"
    file.write_text("sku,quantity,reorder_level\nTEAPOT,7,6\nSPOON,3,\n")
    return file


def test_what_is_for_sale_is_listed_by_article(shop: Shop) -> None:
    assert shop.available()
    assert {sku: article["available"] for sku, article in listed().items()} == {"CUP": 20, "TEAPOT": 5}
    assert "TEAPOT" in command("ls")[1]


def test_a_note_is_only_shown_until_it_is_told_to_be_loaded(shop: Shop, note: Path) -> None:
    code, out, _ = command("load", str(note))
    assert code == ExitCode.OK
    assert "Nothing was loaded" in out
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert shop.rows("event-log") == []


def test_a_note_is_added_once_however_often_it_is_loaded(shop: Shop, note: Path) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    for number in range(3):
        code, out, _ = command("load", str(note), "--yes", "--json")
        assert code == ExitCode.OK
        assert len(json.loads(out)["replenishments"]) == (number == 0)
        shop.cloud.settle()
    assert {sku: article["available"] for sku, article in listed().items()} == {
        "CUP": 18,
        "SPOON": 3,
        "TEAPOT": 11,
    }
    assert listed()["TEAPOT"]["reorder_level"] == 6
    assert complaints(shop, stock={"TEAPOT": 12, "CUP": 20, "SPOON": 3}) == []


def test_two_alike_deliveries_are_told_apart_by_their_references(shop: Shop, note: Path) -> None:
    for reference in ("D-1", "D-2", "D-1"):
        assert command("load", str(note), "--yes", "--reference", reference)[0] == ExitCode.OK
        shop.cloud.settle()
    assert listed()["TEAPOT"]["available"] == 19
    assert shop.facts("D-2-1") == ["StockAdded"]


def test_a_reference_that_stands_for_another_delivery_is_refused(shop: Shop, note: Path) -> None:
    command("load", str(note), "--yes", "--reference", "D-1")
    shop.cloud.settle()
    note.write_text("sku,quantity\nTEAPOT,8\n")
    code, _, err = command("load", str(note), "--yes", "--reference", "D-1")
    assert code == ExitCode.USAGE
    assert "D-1-1 was loaded before, with other contents" in err
    shop.cloud.settle()
    assert listed()["TEAPOT"]["available"] == 12


def test_a_note_with_a_wrong_line_loads_nothing_and_names_it(shop: Shop, note: Path) -> None:
    note.write_text("sku,quantity\nTEAPOT,7\nCUP,none\n")
    code, out, err = command("load", str(note), "--yes")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "line 3: 'none' is no whole number in digits" in err
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}


def test_a_file_that_is_not_there_and_a_stage_that_is_not_are_said_in_a_sentence(
    shop: Shop, note: Path
) -> None:
    assert shop.available()
    code, _, err = command("load", "nowhere.csv")
    assert (code, "nowhere.csv cannot be read" in err) == (ExitCode.USAGE, True)
    code, _, err = command("load", str(note), "--stage", "nowhere")
    assert (code, "ResourceNotFoundException" in err) == (ExitCode.AWS_REFUSED, True)


@pytest.fixture
def waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Whoever waits lets the cloud's time pass."""
    monkeypatch.setattr("cli.stock.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))
    return shop


def test_set_adds_what_is_missing_and_waits_until_it_is_for_sale(waiting: Shop) -> None:
    code, out, _ = command("set", "CUP", "50")
    assert code == ExitCode.OK
    assert "CUP: 20 are for sale, 30 are missing." in out
    assert "Nothing was added. Say --yes to add it." in out
    assert "Added as set-" in command("set", "CUP", "50", "--yes")[1]
    assert listed()["CUP"]["available"] == 50
    assert json.loads(command("set", "CUP", "50", "--yes", "--json")[1])["adds"] == 0
    assert complaints(waiting, stock={"TEAPOT": 5, "CUP": 50}) == []


def test_what_is_sold_meanwhile_stays_sold(waiting: Shop) -> None:
    waiting.place(an_order())
    assert command("set", "CUP", "50", "--yes")[0] == ExitCode.OK
    waiting.cloud.settle()
    assert listed()["CUP"]["available"] == 48
    assert complaints(waiting, stock={"TEAPOT": 5, "CUP": 50}) == []


def test_set_twice_before_inventory_has_heard_of_it_adds_it_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.stock.commands.sleep", lambda _: None)
    for _ in range(2):
        assert "inventory has not added it yet" in command("set", "CUP", "50", "--yes")[1]
    shop.cloud.settle()
    assert listed()["CUP"]["available"] == 50


def test_of_two_who_set_it_at_once_one_is_told_of_the_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.stock.commands.sleep", lambda _: None)
    command("set", "CUP", "40", "--yes")

    def late(*arguments: Any, **options: Any) -> None:
        shop.cloud.settle()
        deliver(*arguments, **options)

    monkeypatch.setattr("cli.stock.set_quantity.deliver", late)
    code, out, err = command("set", "CUP", "50", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "Somebody else set CUP at the same time: 20 were added." in err
    assert listed()["CUP"]["available"] == 40


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("CUP 3", "20 CUP are for sale; 3 would be fewer."),
        ("cup 3", "It cannot be added"),
        ("CUP 2000000", "It cannot be added"),
    ],
)
@pytest.mark.parametrize("sure", [(), ("--yes",)], ids=["planned", "done"])
def test_set_refuses_to_lower_and_what_is_no_article(
    waiting: Shop, line: str, sentence: str, sure: tuple[str, ...]
) -> None:
    code, out, err = command("set", *line.split(), *sure)
    assert (code, out) == (ExitCode.USAGE, "")
    assert sentence in err
    assert waiting.rows("event-log") == []
