"""The threat model names tests that exist, and covers every part of STRIDE."""

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text()
ROWS = [
    line
    for line in PAGE.split("<!-- threats -->")[1].split("<!-- end threats -->")[0].splitlines()
    if line.startswith("| **")
]
STRIDE = {
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
}
_TEST = re.compile(r"`([\w/.-]+\.py)::(\w+)`")


def names_in(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_every_test_in_the_threat_model_exists() -> None:
    named = set(_TEST.findall(PAGE))
    assert [f"{file}::{test}" for file, test in named if test not in names_in(ROOT / file)] == []


def test_every_threat_names_at_least_one_test() -> None:
    assert [row for row in ROWS if not _TEST.search(row.rsplit("|", 2)[1])] == []


def test_threats_cover_every_part_of_stride() -> None:
    assert {row.split("**")[1] for row in ROWS} == STRIDE
