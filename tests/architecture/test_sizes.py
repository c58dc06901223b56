"""One screen, one idea: files of at most 300 lines, functions of at most 50."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "benchmarks",
    "deploy_check",
    "functions",
    "infrastructure",
    "openapi",
    "contract_files",
    "cli",
    "packages/pocketcloud/src",
)
CODE = [
    ROOT / "app.py",
    *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")),
]
TESTS = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "packages/pocketcloud/tests").rglob("*.py")]

FILE_CAP = 300
FUNCTION_CAP = 50


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_file_is_within_the_maximum_length() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in [*CODE, *TESTS]}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_CAP} == {}


def test_function_is_within_the_maximum_length() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length(node)} lines"
        for path in [*CODE, *TESTS]
        for node in functions_of(path)
        if length(node) > FUNCTION_CAP
    ]
    assert too_long == []


def test_median_file_and_function_are_short() -> None:
    files = [len(path.read_text().splitlines()) for path in CODE if path.name != "__init__.py"]
    functions = [length(node) for path in CODE for node in functions_of(path)]
    assert median(files) <= 80
    assert median(functions) <= 10


def test_module_and_public_class_have_a_docstring() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in CODE if ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []
