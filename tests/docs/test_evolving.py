"""The steps of docs/events/evolving.md work on a copy of the code."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from cli.schema.check import Mode
from cli.schema.check_command import CheckOptions, check
from infrastructure.topology import FACTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "events" / "evolving.md").read_text()
COMPATIBLE, INCOMPATIBLE = PAGE.split("## An incompatible change")
GOLDEN = ROOT / "tests" / "contract" / "golden"
BLOCK = re.compile(
    r"`(?P<path>[\w/.]+)`,\s+(?P<how>above|below|replace)\s+the\s+(?P<last>last\s+)?line\s+"
    r"`(?P<line>[^`]+)`(?:, add|\s+with):\n\n   ```(?:python|text)\n(?P<text>.*?)\n   ```",
    re.DOTALL,
)
CODE = ("contract_files", "functions", "infrastructure", "openapi", "schemas")
INHERITED = """
import os, sys
from functions.contracts.inventory import StockRanLow
from functions.inventory.domain import Level, ran_low
from functions.shared.contracts import codec
from infrastructure.topology import fact

event = codec.read(open(sys.argv[1]).read())
level = Level(available=4, reorder_level=5, replenishments=12)
assert event.fact == ran_low("TEAPOT", None, level) == StockRanLow(
    sku="TEAPOT", remaining=4, reorder_level=5, replenishments=12)
assert fact("StockRanLow").older_until.keys() == StockRanLow.older.keys()
print(codec.write(event))
"""
"""Reads an event of version 1 as the fact that today's code publishes, and writes it again."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in CODE:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def apply_blocks(folder: Path, section: str) -> list[str]:
    """Do what the section says before each Python block; return the files that change."""
    changed = []
    for block in BLOCK.finditer(section):
        path = folder / block["path"]
        source = path.read_text()
        found = [each for each in source.splitlines(keepends=True) if each.startswith(block["line"])]
        assert len(found) == (2 if block["last"] else 1), block["line"]
        line = found[-1]
        text = re.sub("^   ", "", block["text"], flags=re.MULTILINE) + "\n"
        new = {"above": text + line, "below": line + text, "replace": text}[block["how"]]
        before, _, after = source.rpartition(line)
        path.write_text(before + new + after)
        changed.append(block["path"])
    return changed


def python(folder: Path, *arguments: str, **variables: str) -> str:
    """Run the copy's code."""
    environment = {"PYTHONPATH": str(folder), "CONTRACTS": "functions.contracts.registry", **variables}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(folder: Path) -> dict[str, Any]:
    """Write the contracts of the copy; return the documents that change, by the file's name."""
    before = {path: path.read_text() for path in (folder / "schemas").rglob("*.json")}
    python(folder, "-m", "contract_files")
    after = {path: path.read_text() for path in (folder / "schemas").rglob("*.json")}
    return {path.name: json.loads(text) for path, text in after.items() if text != before.get(path)}


def test_page_adds_an_optional_field_and_its_schema(folder: Path) -> None:
    assert apply_blocks(folder, COMPATIBLE) == ["functions/contracts/shipping.py"] * 2
    changed = written(folder)
    assert changed.keys() == {"ShipmentScheduled.v1.json", "ShipmentScheduled.v1.example.json"}
    schema = changed["ShipmentScheduled.v1.json"]
    assert "door_code" in schema["properties"]
    assert "door_code" not in schema["required"]
    assert check(CheckOptions(root=folder, mode=Mode.FULL_TRANSITIVE)) is ExitCode.OK


def test_page_makes_a_new_version_that_reads_the_older(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = apply_blocks(folder, INCOMPATIBLE)
    assert changed == [
        *["functions/contracts/inventory.py"] * 4,
        "functions/inventory/domain.py",
        "infrastructure/topology.py",
    ]
    new = {f"StockRanLow.v2{end}.json" for end in ("", ".example", ".minimal.example")}
    documents = written(folder)
    assert documents.keys() == {*new, "readers.json", "StockRanLow.v1.json"}
    before = json.loads((ROOT / "schemas" / "inventory" / "StockRanLow.v1.json").read_text())
    after = documents["StockRanLow.v1.json"]
    assert {**after, "description": before["description"]} == before, "version 1 stays as it is"
    assert check(CheckOptions(root=folder, mode=Mode.FULL_TRANSITIVE)) is ExitCode.OK
    assert "inventory/StockRanLow.v2 needs an upcaster from v1: data.remaining" in capsys.readouterr().out
    golden = GOLDEN / "StockRanLow.v1.json"
    latest = json.loads(python(folder, "-c", INHERITED, str(golden)))
    assert (latest["dataschema"][-1], latest["data"]["remaining"]) == ("2", 4)
    older = python(folder, "-c", INHERITED, str(golden), PUBLISH_VERSIONS='{"StockRanLow": 1}')
    assert json.loads(older)["data"] == json.loads(golden.read_text())["data"]


def test_change_in_place_breaks_a_consumer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the steps that keep version 1, the gate fails."""
    path = folder / "functions" / "contracts" / "inventory.py"
    path.write_text(path.read_text().replace("    available: StockLevel", "    remaining: StockLevel"))
    assert "StockRanLow.v1.json" in written(folder)
    assert check(CheckOptions(root=folder, mode=Mode.FULL_TRANSITIVE)) is ExitCode.INCOMPATIBLE
    assert "inventory/StockRanLow.v1: BROKEN" in capsys.readouterr().out


def test_page_shows_the_settings_of_the_rollout() -> None:
    stages = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]
    assert "`prod` is at step 1 and `dev` at step 4" in PAGE
    assert stages["dev"]["publish_versions"] == {}
    for name, major in stages["prod"]["publish_versions"].items():
        (fact,) = (each for each in FACTS if each.name == name)
        assert major in fact.older_until
        assert f"`{json.dumps({name: major})}`" in PAGE
