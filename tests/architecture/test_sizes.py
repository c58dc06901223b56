"""One screen, one idea: files of at most 300 lines, functions of at most 50."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "asyncapi",
    "catalogue",
    "benchmarks",
    "deploy_check",
    "functions",
    "infrastructure",
    "openapi",
    "contract_files",
    "cli",
    "client_package",
    "load",
    "packages/orderbus-client/src",
    "packages/pocketcloud/src",
)
CODE = [
    ROOT / "app.py",
    *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")),
]
TESTS = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "packages").glob("*/tests/**/*.py")]

FILE_CAP = 300
TRACKED_BYTES = 250_000
"""The longest file in git is a lock; a build's output is a hundred times as long."""
FUNCTION_CAP = 50


@dataclass(frozen=True, slots=True)
class FunctionSize:
    """A function, with the number of its lines."""

    name: str
    line: int
    lines: int


@cache
def outline_of(path: Path) -> tuple[str | None, tuple[FunctionSize, ...]]:
    """Return the docstring of a file, and its functions; parse it once for all tests."""
    tree = ast.parse(path.read_text())
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return ast.get_docstring(tree), tuple(
        FunctionSize(node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in nodes
    )


def functions_of(path: Path) -> tuple[FunctionSize, ...]:
    return outline_of(path)[1]


def test_file_is_within_the_maximum_length() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in [*CODE, *TESTS]}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_CAP} == {}


def test_function_is_within_the_maximum_length() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{each.line} {each.name} has {each.lines} lines"
        for path in [*CODE, *TESTS]
        for each in functions_of(path)
        if each.lines > FUNCTION_CAP
    ]
    assert too_long == []


def test_median_file_and_function_are_short() -> None:
    files = [len(path.read_text().splitlines()) for path in CODE if path.name != "__init__.py"]
    functions = [each.lines for path in CODE for each in functions_of(path)]
    assert median(files) <= 80
    assert median(functions) <= 10


def test_module_and_public_class_have_a_docstring() -> None:
    silent = [str(path.relative_to(ROOT)) for path in CODE if outline_of(path)[0] is None]
    assert silent == []


def test_tracked_file_is_no_output_of_a_build() -> None:
    command = ["git", "ls-files", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    sizes = {name: (ROOT / name).stat().st_size for name in names if (ROOT / name).is_file()}
    assert {name: size for name, size in sizes.items() if size > TRACKED_BYTES} == {}
