"""The docs as HTML: headings with anchors, and links within the site."""

import re
from collections.abc import Iterable
from pathlib import Path
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
_PARSER = MarkdownIt("commonmark").enable("table")
_SCROLL = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'
_SCHEMA = re.compile(r"schemas/[a-z]+/(?P<fact>[A-Za-z]+)\.v(?P<version>\d+)\.json")


def title_of(page: Path) -> str:
    """Return the text of the page's first heading."""
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def html_of(page: Path, *, pages: Iterable[Path]) -> str:
    """Return the page as HTML; a link to a file outside the site stays as text."""
    tokens = _PARSER.parse(page.read_text(encoding="utf-8"))
    known = {each.relative_to(ROOT).as_posix() for each in pages}
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[place + 1].content))
        for child in token.children or ():
            _move(child, page.parent.relative_to(ROOT).as_posix(), known)
    html = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    tables = html.replace(
        "<table>", '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>'
    )
    return tables.replace("</table>", "</table></div>").replace("<th></th>", "<td></td>")


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", re.sub(r"\]\([^)]*\)", "]", heading).lower()).replace(" ", "-")


def _move(token: Token, folder: str, known: set[str]) -> None:
    """Point a link into the site; a link that leads out of it becomes text."""
    if token.type != "link_open":
        return
    target, _, fragment = str(token.attrGet("href")).partition("#")
    if target.startswith(("http://", "https://", "mailto:")) or not target:
        return
    path = normpath(f"{folder}/{target}")
    up = "../" * (folder.count("/") + 1)
    if found := _SCHEMA.fullmatch(path):
        token.attrSet("href", f"{up}events/{found['fact']}.html#v{found['version']}")
    elif path in known:
        token.attrSet("href", f"{up}{path.removesuffix('.md')}.html" + (f"#{fragment}" if fragment else ""))
    else:
        token.attrs.clear()
        token.attrSet("class", "file")
