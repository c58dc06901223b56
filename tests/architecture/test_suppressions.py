"""A rule of ruff or mypy is suppressed rarely, and each time with a reason."""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "functions",
    "infrastructure",
    "cli",
    "tests",
    "packages/orderbus-client/src",
    "packages/pocketcloud/src",
)
MAXIMUM_PER_THOUSAND_LINES = 2
SUPPRESSION = re.compile(r"noqa|type: ignore|pragma: no")
WITH_REASON = re.compile(r"(noqa: [A-Z]+\d+|type: ignore\[[a-z, -]+\]) *(- |# )\S")


def suppressions(path: Path) -> list[str]:
    """Return the comments that suppress a rule."""
    text = path.read_text()
    if not SUPPRESSION.search(text):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return [comment for comment in comments if SUPPRESSION.search(comment)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_suppressions_are_rare(folder: str) -> None:
    paths = sorted((ROOT / folder).rglob("*.py"))
    lines = sum(len(path.read_text().splitlines()) for path in paths)
    found = [comment for path in paths for comment in suppressions(path)]
    assert len(found) <= lines * MAXIMUM_PER_THOUSAND_LINES / 1000


@pytest.mark.parametrize("folder", FOLDERS)
def test_suppression_has_a_reason(folder: str) -> None:
    without = [
        f"{path.relative_to(ROOT)}: {comment}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for comment in suppressions(path)
        if not WITH_REASON.search(comment)
    ]
    assert without == []
