"""The pictures of the README show what the code does now."""

import re

from tests.docs.screenshot import FILE, screenshot

README = FILE.parents[1] / "README.md"


def test_committed_screenshot_is_current() -> None:
    assert FILE.read_text() == screenshot(), "run `make docs`"


def test_readme_shows_committed_pictures_with_a_description() -> None:
    pictures = re.findall(r"!\[(.+?)\]\((.+?)\)", README.read_text())
    assert {path for _, path in pictures} == {"docs/flow.svg", "docs/demo.svg"}
    assert all((README.parent / path).is_file() for _, path in pictures)
