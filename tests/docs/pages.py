"""The pages of the project, and their parts."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    ROOT / "packages" / "orderbus-client" / "README.md",
    ROOT / "packages" / "pocketcloud" / "README.md",
    ROOT / "examples" / "booking" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?(orderbus .+?)(?:\s{2,}#.*|\s+# .*)?$")


def name(page: Path) -> str:
    """Return the page's path from the root, as a test's id."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines outside code blocks and generated tables, with their numbers."""
    is_code = is_generated = False
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if line.startswith("```"):
            is_code = not is_code
        elif line.startswith(("<!-- table:", "<!-- end")):
            is_generated = line.startswith("<!-- table:")
        elif not is_code and not is_generated:
            yield number, line


def links(page: Path) -> list[str]:
    """Return the targets of the page's links."""
    return _LINK.findall("\n".join(page.read_text().split("```")[::2]))


def anchors(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    headings = _HEADING.findall(page.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> list[str]:
    """Return the `orderbus` commands of the page's code blocks."""
    blocks = page.read_text().split("```")[1::2]
    lines = (line for block in blocks for line in block.splitlines())
    return [found[1] for line in lines if (found := _COMMAND.match(line))]
