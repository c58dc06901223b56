"""`orderbus cost` counts offline and prints."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from benchmarks.budget import read_budget, read_stages
from cli.core.exit_codes import ExitCode
from cli.cost import cost
from cli.main import app


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the command with the committed counts."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr(cost, "_counted", lambda stage: (read_budget(), read_stages()[stage]))

    def succeed(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["cost", *arguments])
        assert result.exit_code == ExitCode.OK, result.output
        return result.stdout

    return succeed


def test_command_counts_and_prints_the_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    result = CliRunner().invoke(app, ["cost", "--fill", "7", "--mix", "shipped=1"])
    assert result.exit_code == ExitCode.OK, result.output
    for heading in ("By AWS service", "By function", "By path", "Savings of each choice", "Not included:"):
        assert heading in result.stdout


def test_command_prints_json_in_another_region(run: Callable[..., str]) -> None:
    document = json.loads(run("--json", "--region", "eu-west-1", "--orders-per-month", "0"))
    assert document["dollars_per_month"] == pytest.approx(sum(document["fixed_per_month"].values()), abs=1e-3)
    logs = document["log_bytes_per_order"]
    assert logs["total"] == pytest.approx(logs["of_functions"] + logs["access"], abs=0.2)
    assert logs["of_functions"] > logs["metrics"] > 0
    assert {path["path"] for path in document["by_path"]} >= {"shipped", "fraud-suspected"}


def test_command_prints_the_limits_at_a_rate(run: Callable[..., str]) -> None:
    shown = run("--rate", "100", "--stage", "prod")
    assert "consumer notifications" in shown
    assert "1 of " in shown
    limits = json.loads(run("--rate", "100", "--stage", "prod", "--json"))
    assert [each["limit"] for each in limits if each["use"] > 1] == ["emails"]
