"""`orderbus stock`: list the stock, and add a delivery note exactly once."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from cli.stock.deliveries import publish
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import violations
from tests.workflow.shop import Shop, an_order


def command(*arguments: str) -> tuple[int, str, str]:
    return orderbus("stock", *arguments)


def listed() -> dict[str, dict[str, Any]]:
    code, out, _ = command("ls", "--json")
    assert code == ExitCode.OK
    return {stock["sku"]: stock for stock in json.loads(out)}


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.csv"
    file.write_text("sku,quantity,reorder_level\nTEAPOT,7,6\nSPOON,3,\n")
    return file


def test_ls_lists_stock_by_sku(shop: Shop) -> None:
    assert shop.available()
    assert {sku: stock["available"] for sku, stock in listed().items()} == {"CUP": 20, "TEAPOT": 5}
    assert "TEAPOT" in command("ls")[1]


def test_ls_marks_the_stock_of_the_heartbeat(shop: Shop) -> None:
    shop.cloud.client("dynamodb").put_item(
        TableName="orderbus-dev-stock", Item={"sku": {"S": "HEARTBEAT"}, "available": {"N": "1"}}
    )
    assert {sku for sku, stock in listed().items() if stock["synthetic"]} == {"HEARTBEAT"}
    assert "HEARTBEAT (synthetic)" in command("ls")[1]


@pytest.mark.parametrize("words", [["set", "HEARTBEAT", "5", "--yes"], ["load", "NOTE", "--yes"]])
def test_stock_of_the_heartbeat_is_added_by_nobody(shop: Shop, note: Path, words: list[str]) -> None:
    note.write_text("sku,quantity\nTEAPOT,7\nHEARTBEAT,3\n")
    code, _, err = command(*(str(note) if word == "NOTE" else word for word in words))
    assert code == ExitCode.USAGE
    assert "only the heartbeat adds its stock" in err
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}


def test_load_only_shows_changes_without_yes(shop: Shop, note: Path) -> None:
    code, out, _ = command("load", str(note))
    assert code == ExitCode.OK
    assert "Nothing was loaded" in out
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}
    assert shop.rows("event-log") == []


def test_load_adds_a_note_once_when_repeated(shop: Shop, note: Path) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    for number in range(3):
        code, out, _ = command("load", str(note), "--yes", "--json")
        assert code == ExitCode.OK
        assert len(json.loads(out)["replenishments"]) == (number == 0)
        shop.cloud.settle()
    assert {sku: stock["available"] for sku, stock in listed().items()} == {
        "CUP": 18,
        "SPOON": 3,
        "TEAPOT": 11,
    }
    assert listed()["TEAPOT"]["reorder_level"] == 6
    assert violations(shop, stock={"TEAPOT": 12, "CUP": 20, "SPOON": 3}) == []


def test_load_adds_equal_notes_with_different_references(shop: Shop, note: Path) -> None:
    for reference in ("D-1", "D-2", "D-1"):
        assert command("load", str(note), "--yes", "--reference", reference)[0] == ExitCode.OK
        shop.cloud.settle()
    assert listed()["TEAPOT"]["available"] == 19
    assert shop.facts("D-2-1") == ["StockAdded"]


def test_load_rejects_other_contents_under_a_used_reference(shop: Shop, note: Path) -> None:
    command("load", str(note), "--yes", "--reference", "D-1")
    shop.cloud.settle()
    note.write_text("sku,quantity\nTEAPOT,8\n")
    code, _, err = command("load", str(note), "--yes", "--reference", "D-1")
    assert code == ExitCode.USAGE
    assert "D-1-1 was loaded before, with other contents" in err
    shop.cloud.settle()
    assert listed()["TEAPOT"]["available"] == 12


def test_load_adds_nothing_when_a_line_is_invalid(shop: Shop, note: Path) -> None:
    note.write_text("sku,quantity\nTEAPOT,7\nCUP,none\n")
    code, out, err = command("load", str(note), "--yes")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "line 3: 'none' is not a whole number" in err
    shop.cloud.settle()
    assert shop.available() == {"TEAPOT": 5, "CUP": 20}


def test_load_fails_when_the_file_or_stage_is_missing(shop: Shop, note: Path) -> None:
    assert shop.available()
    code, _, err = command("load", "nowhere.csv")
    assert (code, "nowhere.csv cannot be read" in err) == (ExitCode.USAGE, True)
    code, _, err = command("load", str(note), "--stage", "nowhere")
    assert (code, "ResourceNotFoundException" in err) == (ExitCode.AWS_REFUSED, True)


@pytest.fixture
def waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Advance virtual time while the command sleeps."""
    monkeypatch.setattr("cli.stock.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))
    return shop


def test_set_adds_the_difference_and_waits_for_inventory(waiting: Shop) -> None:
    code, out, _ = command("set", "CUP", "50")
    assert code == ExitCode.OK
    assert "CUP: 20 for sale, 30 missing." in out
    assert "Nothing was added. Add --yes to add it." in out
    assert "Added as set-" in command("set", "CUP", "50", "--yes")[1]
    assert listed()["CUP"]["available"] == 50
    assert json.loads(command("set", "CUP", "50", "--yes", "--json")[1])["adds"] == 0
    assert violations(waiting, stock={"TEAPOT": 5, "CUP": 50}) == []


def test_set_keeps_orders_placed_meanwhile(waiting: Shop) -> None:
    waiting.place(an_order())
    assert command("set", "CUP", "50", "--yes")[0] == ExitCode.OK
    waiting.cloud.settle()
    assert listed()["CUP"]["available"] == 48
    assert violations(waiting, stock={"TEAPOT": 5, "CUP": 50}) == []


def test_set_adds_once_when_repeated_before_inventory_reacts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.stock.commands.sleep", lambda _: None)
    for _ in range(2):
        assert "inventory has not added it yet" in command("set", "CUP", "50", "--yes")[1]
    shop.cloud.settle()
    assert listed()["CUP"]["available"] == 50


def test_set_reports_another_set_at_the_same_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.stock.commands.sleep", lambda _: None)
    command("set", "CUP", "40", "--yes")

    def late(*arguments: Any, **options: Any) -> None:
        shop.cloud.settle()
        publish(*arguments, **options)

    monkeypatch.setattr("cli.stock.set_quantity.publish", late)
    code, out, err = command("set", "CUP", "50", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "CUP was set at the same time by another command, which added 20." in err
    assert listed()["CUP"]["available"] == 40


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("CUP 3", "20 CUP are for sale; 3 would be fewer."),
        ("cup 3", "cannot be added"),
        ("CUP 2000000", "cannot be added"),
    ],
)
@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["planned", "done"])
def test_set_rejects_lower_quantities_and_invalid_skus(
    waiting: Shop, line: str, sentence: str, yes: tuple[str, ...]
) -> None:
    code, out, err = command("set", *line.split(), *yes)
    assert (code, out) == (ExitCode.USAGE, "")
    assert sentence in err
    assert waiting.rows("event-log") == []
