"""Links between pages, from pages to code, and from code to pages are valid."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links, name

PAGE_IN_CODE = re.compile(r"\bdocs/[\w/-]+(?:\.md|\.svg|\.json|(?<=/\d{4}))\b")
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


def test_index_names_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {INDEX.name}
    assert pages <= set(links(INDEX))
