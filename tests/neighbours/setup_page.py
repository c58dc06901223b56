"""The scripts on a neighbour's page of the docs."""

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "neighbours"


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, in order."""
    text = (PAGES / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
