"""Pages and finished code use plain English: no retired words, short lines, one meaning per class name.

CONTRIBUTING.md has the rules, docs/glossary.md the terms.
"""

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.retired_words import retired_in
from tests.docs.pages import PAGES, ROOT, name, prose

REWRITTEN = (
    "app.py",
    "asyncapi",
    "benchmarks",
    "catalogue",
    "cli",
    "client_package",
    "deploy_check",
    "examples",
    "functions",
    "infrastructure",
    "load",
    "openapi",
    "contract_files",
    "orderbus.py",
    "packages/orderbus-client",
    "packages/pocketcloud",
    "scripts",
    "tests",
)
"""Folders and files of code that the rules hold for."""
THE_RULES = {"tests/architecture/retired_words.py", "tests/architecture/test_plain_english.py"}
"""The files that name the retired words."""
SOURCE = (
    "asyncapi",
    "catalogue",
    "functions",
    "infrastructure",
    "cli",
    "openapi",
    "contract_files",
    "benchmarks",
    "client_package",
    "deploy_check",
    "load",
    "packages/orderbus-client/src",
    "packages/pocketcloud/src",
)
COPIES = ROOT / "packages/orderbus-client/src/orderbus_client/contracts"
"""Copies of `functions/contracts`, for other teams."""
COLUMNS = 100
TEST_NAME = re.compile(r"^ *def (test_\w+)", re.MULTILINE)
MAXIMUM_WORDS = 9
"""Words of a test's name after `test_`."""
WITHOUT_SUBJECT = re.compile(r'\s*r?"""(?:What|Whose|Which|Whom?|Where|How|Of|That|Those)\b')
"""The start of a docstring that names its subject last, or not at all."""


def code_of(place: str) -> list[Path]:
    command = ["git", "ls-files", "--", place]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / file for file in listed.splitlines() if file.endswith(".py") and file not in THE_RULES]


def retired_in_code(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        yield from (f"{path.relative_to(ROOT)}:{number}: {each}" for each in retired_in(line))


def is_long(line: str) -> bool:
    """Whether the line is too long; tables, pictures and addresses cannot be wrapped."""
    return len(line) > COLUMNS and not line.startswith(("|", "![")) and "https://" not in line


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_has_no_retired_word(page: Path) -> None:
    found = [
        f"{page.relative_to(ROOT)}:{number}: {each}"
        for number, line in prose(page)
        for each in retired_in(line, is_page=True)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_has_no_long_line(page: Path) -> None:
    assert [f"{number}: {line}" for number, line in prose(page) if is_long(line)] == []


@pytest.mark.parametrize("place", REWRITTEN)
def test_rewritten_code_has_no_retired_word(place: str) -> None:
    files = code_of(place)
    assert files, f"{place} has no code"
    assert [each for path in files for each in retired_in_code(path)] == []


def test_test_name_has_at_most_nine_words() -> None:
    names = (
        (path, name)
        for place in ("tests", "packages")
        for path in code_of(place)
        for name in TEST_NAME.findall(path.read_text())
    )
    assert [f"{path}: {name}" for path, name in names if name.count("_") > MAXIMUM_WORDS] == []


@pytest.mark.parametrize("place", REWRITTEN)
def test_docstring_starts_with_its_subject(place: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: write a noun phrase or an imperative: {line.strip()}"
        for path in code_of(place)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if WITHOUT_SUBJECT.match(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "a letter for the customer",
        "class LetterBox:",
        "dead letters",
        "mend it",
        "the articles on the shelf",
        "HOT_ARTICLES = 3",
        "whoever asks",
        "it was parked",
        "at the HTTP door",
        "class Said:",
    ],
)
def test_retired_word_is_found_with_its_replacement(line: str) -> None:
    found = list(retired_in(line))
    assert found
    assert all(": write " in each for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "the dead-letter queue",
        "dead_letters",
        "line endings",
        "`stock_layer`",
        "[all](endings.md)",
        "not-dead-lettered",
    ],
)
def test_current_word_is_not_found(line: str) -> None:
    assert list(retired_in(line, is_page=True)) == []


def duplicate_class_names() -> dict[str, list[str]]:
    """Return the files of every public class name that has two definitions."""
    places = defaultdict(list)
    originals = (path for place in SOURCE for path in code_of(place) if COPIES not in path.parents)
    for path in originals:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    return {each: files for each, files in places.items() if len(files) > 1}


def test_public_class_name_has_one_meaning() -> None:
    assert duplicate_class_names() == {}
