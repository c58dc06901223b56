"""Commands and examples that readers copy contain no date, which would expire."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, name

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "docs" / "examples").rglob("*") if path.is_file())
DATE = re.compile(r"\b20[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
VERSIONS = re.compile(r'"Version": ?"20[0-9-]+"')
"""The version of the policy language does not expire: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""


def copied(page: str) -> Iterator[str]:
    """Yield the lines that a reader copies: code, and the typed lines of a transcript."""
    language: str | None = None
    for line in page.splitlines():
        if line.startswith("```"):
            language = None if language is not None else line.removeprefix("```").strip()
        elif language == "console":
            yield from [line] if line.startswith(("$ ", "> ")) else []
        elif language is not None:
            yield line
        else:
            yield from (code for code in re.findall(r"`([^`]+)`", line) if "orderbus " in code)


def dated(text: str) -> list[str]:
    return DATE.findall(VERSIONS.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_page_has_no_date_in_what_is_copied(page: Path) -> None:
    lines = list(copied(page.read_text(encoding="utf-8")))
    assert [line for line in lines if dated(line)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_has_no_date(example: Path) -> None:
    assert dated(example.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "page",
    [
        "```sh\norderbus views sales 2026-11-23\n```",
        "```\norderbus replay views --since 2026-11-20T08:00Z\n```",
        "```console\n$ orderbus views sales 20261123\n```",
        "type `orderbus views sales 2026-11-23`",
    ],
)
def test_date_is_found_in_every_kind_of_code(page: str) -> None:
    assert [line for line in copied(page) if dated(line)]


@pytest.mark.parametrize(
    "page",
    [
        "```console\n$ orderbus dlq log\n2026-01-01T00:05:00Z redrive\n```",
        '```json\n{"Version": "2012-10-17"}\n```',
        "since 2026-11-27 it fails",
    ],
)
def test_date_is_ignored_where_nobody_copies_it(page: str) -> None:
    assert [line for line in copied(page) if dated(line)] == []
