"""`orderbus cost` counts offline and prints."""

import json

import pytest
from typer.testing import CliRunner

from cli.core.exit_codes import ExitCode
from cli.main import app


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")


def test_command_prints_the_bill_and_its_levers() -> None:
    result = CliRunner().invoke(app, ["cost", "--fill", "7", "--mix", "shipped=1"])
    assert result.exit_code == ExitCode.OK, result.output
    for heading in ("By AWS service", "By function", "By path", "Savings of each choice", "Not included:"):
        assert heading in result.stdout


def test_command_prints_json_in_another_region() -> None:
    result = CliRunner().invoke(app, ["cost", "--json", "--region", "eu-west-1", "--orders-per-month", "0"])
    document = json.loads(result.stdout)
    assert document["dollars_per_month"] == pytest.approx(sum(document["fixed_per_month"].values()), abs=1e-3)
    assert {path["path"] for path in document["by_path"]} >= {"shipped", "fraud-suspected"}


def test_command_prints_the_limits_at_a_rate() -> None:
    result = CliRunner().invoke(app, ["cost", "--rate", "100"])
    assert result.exit_code == ExitCode.OK, result.output
    assert "consumer notifications" in result.stdout
    assert "limits are exceeded" in result.stdout
