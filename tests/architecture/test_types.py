"""mypy reads every module of aws_cdk in use, because it does not check the modules that it skips."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("app.py", "benchmarks", "deploy_check", "infrastructure", "packages", "tests")
USED_BY_OTHERS = {"aws_cdk", "aws_cdk.interfaces.*", "aws_cdk.aws_ec2"}
"""Modules that no file imports, but whose types the imported ones use."""


def nodes_of(path: Path) -> Iterator[ast.AST]:
    """Yield the syntax of a file, or nothing if it does not name aws_cdk."""
    text = path.read_text()
    return ast.walk(ast.parse(text)) if "aws_cdk" in text else iter(())


def modules_of_aws(path: Path) -> set[str]:
    return {
        f"aws_cdk.{alias.name}"
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and node.module == "aws_cdk"
        for alias in node.names
        if alias.name.startswith("aws_")
    }


def test_mypy_reads_exactly_the_aws_modules_in_use() -> None:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    read = {
        name for table in overrides if table.get("follow_imports") == "normal" for name in table["module"]
    }
    files = [
        file for place in PLACES for file in [ROOT / place, *(ROOT / place).rglob("*.py")] if file.is_file()
    ]
    used = set().union(*(modules_of_aws(file) for file in files))
    assert len(used) > len(PLACES)
    assert read == used | USED_BY_OTHERS


def test_aws_modules_are_imported_in_one_form() -> None:
    others = [
        path
        for place in PLACES
        for path in (ROOT / place).rglob("*.py")
        for node in nodes_of(path)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aws_cdk."))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("aws_cdk.") for alias in node.names))
    ]
    assert others == []
