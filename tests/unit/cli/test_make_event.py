"""`orderbus events make`: events that Orderbus accepts."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.main import app
from functions.contracts.registry import FACTS
from functions.shared.contracts.codec import read, read_envelope
from functions.shared.contracts.envelope import event_id
from functions.shared.contracts.fact import PublishedFact


def make(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ["events", "make", *arguments])
    assert result.exit_code == ExitCode.OK, result.output
    return json.loads(result.stdout)


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["events", "make", *arguments])
    assert result.exit_code == ExitCode.USAGE, result.output
    return result.stderr


@pytest.mark.parametrize("size", ["--full", "--minimal"])
@pytest.mark.parametrize("name", FACTS)
def test_made_event_is_accepted(name: str, size: str, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps([make(name, size, "--seed", str(seed)) for seed in range(3)]))
    result = CliRunner().invoke(app, ["events", "validate", str(path)])
    assert result.exit_code == ExitCode.OK, result.output


def test_full_event_has_optional_fields_that_minimal_lacks() -> None:
    full, minimal = (make("OrderCreated", size, "--seed", "1")["data"] for size in ("--full", "--minimal"))
    assert "postal_code" in full["ship_to"]
    assert len(full["lines"]) > len(minimal["lines"]) == 1


def test_seed_repeats_data_and_ids() -> None:
    one, same, other = (make("OrderCreated", "--seed", seed) for seed in ("7", "7", "8"))
    assert {**one, "time": ""} == {**same, "time": ""}
    assert one["id"] != other["id"]


def test_event_has_id_of_its_decision() -> None:
    event = make("PaymentProcessed")
    fact = read(json.dumps(event)).fact
    assert isinstance(fact, PublishedFact)
    assert event["subject"] == fact.aggregate
    assert event["id"] == event_id("payments", fact.aggregate, fact.decision_key)


def test_set_changes_values_of_data_and_envelope() -> None:
    options = ("--set", "data.lines[0].quantity=2", "--set", "data.lines[0].sku=CUP", "--set", "subject=s-1")
    event = make("CheckoutCompleted", *options)
    assert event["data"]["lines"][0]["quantity"] == 2
    assert event["data"]["lines"][0]["sku"] == "CUP"
    assert event["subject"] == "s-1"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("Nothing",), "There is no event Nothing."),
        (("OrderCreated", "--version", "9"), "OrderCreated has no version 9."),
        (("OrderCreated", "--set", "data.lines[0].quantity=0"), "is not valid with these values"),
        (("OrderCreated", "--set", "data.lines[9].quantity=1"), "has no place data.lines.9.quantity"),
        (("OrderCreated", "--set", "quantity"), "is not path=value"),
        (("OrderCreated", "--set", "=1"), "is not path=value"),
    ],
)
def test_make_refuses_when_event_cannot_be_valid(arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refused(*arguments)


def test_entry_is_one_of_put_events() -> None:
    (entry,) = make("CheckoutCompleted", "--entry", "--bus", "orderbus-dev-ingress")
    assert entry["EventBusName"] == "orderbus-dev-ingress"
    assert read_envelope(entry["Detail"]).type == entry["DetailType"] == "CheckoutCompleted"
    assert entry["Source"] == "storefront"
