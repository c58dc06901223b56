"""Links between pages, from pages to code, and from code to pages are valid."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links, name

PAGE_IN_CODE = re.compile(r"\bdocs/[\w/-]+(?:\.md|\.svg|\.json|(?<=/\d{4}))\b")
FILE_IN_PAGE = re.compile(r"`([\w./-]+\.(?:py|md|json|sh|svg|yml|toml|mjs))`")
MADE_BY_A_READER = {"add-a-consumer.md"}
"""Pages whose files the reader writes; a test follows them."""
ELSEWHERE = {
    "persistence/dynamodb.py": "Powertools",
    "build/sbom.json": "`make sbom` writes it",
    "release.json": "a release has it",
    "sbom.json": "a release has it",
    "metadata.json": "a command of the page writes it",
}
INDEX = ROOT / "docs" / "README.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_existing_files_and_headings(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if link.startswith(("http:", "https:")):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_code_names_existing_pages() -> None:
    command = ["git", "grep", "-lE", "docs/", "--", "*.py", "Makefile", ":!packages"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    broken = [
        f"{file}: {page}"
        for file in listed.split()
        for page in PAGE_IN_CODE.findall((ROOT / file).read_text())
        if not list(ROOT.glob(page if "." in page else f"{page}-*.md"))
    ]
    assert broken == []


def test_pages_name_existing_files() -> None:
    command = ["git", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = {f"/{file}" for file in listed.split()}
    broken = [
        f"{name(page)}: {file}"
        for page in PAGES
        for file in FILE_IN_PAGE.findall(page.read_text())
        if page.name not in MADE_BY_A_READER and file not in ELSEWHERE
        if not any(path.endswith(f"/{file}") for path in files)
    ]
    assert broken == []


def test_index_names_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {INDEX.name}
    assert pages <= set(links(INDEX))
