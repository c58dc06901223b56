"""A page of the catalogue, as a browser and a screen reader see it."""

from html.parser import HTMLParser
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

VOID = {"meta", "link", "input", "img", "br", "hr", "path"}


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        for tag in self.open[-2:]:
            self.texts[tag] = self.texts.get(tag, "") + data

    def having(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [str(attributes[name]) for _, attributes in self.elements if name in attributes]

    def of(self, *tags: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the elements with these tags."""
        return [element for element in self.elements if element[0] in tags]

    def resolved(self, target: str) -> str:
        """Return the path in the site that a relative address names."""
        return normpath(str(PurePosixPath(self.path).parent / target))
