"""The steps of docs/events/evolving.md work on a copy of the code."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from infrastructure.topology import FACTS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "events" / "evolving.md"
BLOCK = re.compile(r"`(?P<path>[\w/.]+)`, (?P<side>above|below) the line\s+`(?P<line>[^`]+)`, add:\n\n"
                   r"   ```python\n(?P<text>.*?)\n   ```", re.DOTALL)  # fmt: skip
CODE = ("contract_files", "functions", "infrastructure", "openapi", "schemas")


def copied(folder: Path) -> Path:
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def add_blocks(folder: Path) -> list[str]:
    """Do what the page says before each Python block; return the files that change."""
    changed = []
    for block in BLOCK.finditer(PAGE.read_text()):
        path = folder / block["path"]
        source, line = path.read_text(), block["line"] + "\n"
        assert source.count(line) == 1, line
        text = textwrap.dedent(re.sub("^   ", "", block["text"], flags=re.MULTILINE)) + "\n"
        text = text if block["side"] == "above" else textwrap.indent(text.strip(), "    ") + "\n"
        path.write_text(source.replace(line, text + line if block["side"] == "above" else line + text))
        changed.append(block["path"])
    return changed


def test_page_adds_an_optional_field_and_its_schema(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = {path: path.read_text() for path in (folder / "schemas").rglob("*.json")}
    assert add_blocks(folder) == ["functions/contracts/shipping.py"] * 2
    command = [sys.executable, "-m", "contract_files"]
    subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, check=True)
    after = {path: path.read_text() for path in (folder / "schemas").rglob("*.json")}
    assert {path.name for path in after if after[path] != before.get(path)} == {
        "ShipmentScheduled.v1.json",
        "ShipmentScheduled.v1.example.json",
    }
    schema = json.loads((folder / "schemas" / "shipping" / "ShipmentScheduled.v1.json").read_text())
    assert "door_code" in schema["properties"]
    assert "door_code" not in schema["required"]


def test_page_shows_the_settings_of_the_rollout() -> None:
    stages = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]
    page = PAGE.read_text()
    assert "`prod` is at step 1 and `dev` at step 4" in page
    assert stages["dev"]["publish_versions"] == {}
    for name, major in stages["prod"]["publish_versions"].items():
        (fact,) = (each for each in FACTS if each.name == name)
        assert major in fact.older_until
        assert f"`{json.dumps({name: major})}`" in page
