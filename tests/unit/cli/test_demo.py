"""`orderbus demo` on the real template: all orders complete, and the figures add up."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal
from cli.demo.render import progress
from cli.demo.run import FactCounter
from cli.main import app
from pocketcloud.core.journal import Journal
from pocketcloud.virtual_time.clock import Clock


def demo(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["demo", *arguments])
    assert result.exit_code == ExitCode.OK, result.output
    return result.stdout


def figures(*arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(demo("--json", *arguments))
    return document


@pytest.fixture(scope="module")
def twenty() -> dict[str, Any]:
    return figures("--orders", "20", "--seed", "5")


def test_demo_completes_orders_of_both_entry_points(twenty: dict[str, Any]) -> None:
    assert twenty["orders_in"] == 20
    assert set(twenty["terminal"]) == {"shipped", "cancelled"}
    assert sum(twenty["terminal"].values()) == 20
    assert set(twenty["cancellations"]) == {"out_of_stock", "payment_declined"}
    assert sum(twenty["cancellations"].values()) == twenty["terminal"]["cancelled"]


def test_facts_add_up(twenty: dict[str, Any]) -> None:
    facts, terminal, reasons = twenty["facts"], twenty["terminal"], twenty["cancellations"]
    assert facts["CheckoutCompleted"] == 10
    assert facts["OrderCreated"] == facts["InventoryReserved"] + facts["InventoryRejected"] == 20
    assert {facts[fact] for fact in ("PaymentProcessed", "OrderConfirmed", "ShipmentScheduled")} == {
        terminal["shipped"]
    }
    # Payments also declines an order that is out of stock.
    assert facts["PaymentDeclined"] == facts["OrderCancelled"] == terminal["cancelled"]
    assert facts["InventoryReleased"] == reasons["payment_declined"]
    assert facts["InventoryRejected"] == reasons["out_of_stock"]


def test_customer_gets_one_email_per_step(twenty: dict[str, Any]) -> None:
    terminal = twenty["terminal"]
    assert twenty["mails"] == 3 * terminal["shipped"] + 2 * terminal["cancelled"]


def test_demo_delivers_every_event(twenty: dict[str, Any]) -> None:
    assert (twenty["undelivered"], twenty["undelivered_reasons"]) == (0, {})
    assert twenty["deliveries"] > sum(twenty["facts"].values())
    assert twenty["aws_requests_per_order"]["dynamodb.TransactWriteItems"] >= 3


def test_demo_repeats_its_figures_for_the_same_seed(twenty: dict[str, Any]) -> None:
    real_time = {"seconds", "orders_per_second"}
    runs = [twenty, figures("--orders", "20", "--seed", "5")]
    first, second = ({name: value for name, value in run.items() if name not in real_time} for run in runs)
    assert first == second


def test_demo_prints_a_journey_and_the_summary() -> None:
    shown = demo("--orders", "4")
    assert "The journey of order" in shown
    for fact in (
        "OrderCreated",
        "InventoryReserved",
        "PaymentProcessed",
        "OrderConfirmed",
        "ShipmentScheduled",
    ):
        assert f"{fact} from function" in shown
    route = "rule order-created → topic order-created → queue inventory → function inventory"
    assert route in shown
    assert "orders in" in shown


def test_demo_completes_purchases_and_reports_invalid_rows(tmp_path: Path) -> None:
    file = tmp_path / "purchases.txt"
    file.write_text(
        " 00004 0001 19970101  2   29.33\n"
        " 00004 0001 19970118  2   29.73\n"
        " 00021 0002 19970101  nonsense\n"
        " 00050 0003 19970101  3    0.00\n"
    )
    report = figures("--purchases", str(file))
    assert (report["orders_in"], report["terminal"]) == (3, {"shipped": 3})
    assert report["rejected_rows"] == 1
    assert report["rejected"][0]["line"] == 3
    assert report["undelivered"] == 0


def test_progress_wraps_facts_when_the_terminal_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    console, counter = terminal(), FactCounter(Journal(Clock()))
    counter.facts.update({"OrderCreated": 20, "InventoryReserved": 20, "PaymentProcessed": 20})
    with console.capture() as captured, progress(console, 20) as report:
        report(20, counter)
    assert "PaymentProcessed 20" in captured.get()
