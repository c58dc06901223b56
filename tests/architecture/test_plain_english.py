"""Retired words stay retired, and one public class name means one thing.

docs/glossary.md has the terms. `REWRITTEN` lists the places that follow them; the rest is to follow.
"""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REWRITTEN = ("docs/glossary.md",)
RETIRED = {
    r"dead letters?|(?<!-)letters?": "dead-lettered message, or email",
    r"[Ww]ish(es)?|same_wish": "options, request",
    r"telemetry_output?": "telemetry",
    r"Letter[A-Z]\w*|\w+_letters?|letters?_\w+": "dead-lettered message, or email",
    r"entrance|(both|either|at the|HTTP) doors?|\w+_door": "entry point, HTTP API",
    r"told|telling|tells of": "replay, publish, report, notify",
    r"heard|hears?|unheard|hearers?": "consume, consumer",
    r"mends?|mended": "fix",
    r"articles?": "SKU",
    r"shelf|goods": "stock",
    r"seams?|Seams?": "MotoPatch",
    r"carried out|carries out|carried_out|left_out": "supported, ignored, run",
    r"whoever|whatever|whomever": "a plain subject",
    r"set aside|parked|given up": "dead-lettered",
    r"rings_at|ringing|rings?": "alarm_on; is in ALARM",
    r"complaints?|obstacles?": "error, reason",
    r"called back|calls? back|call(ed)? off": "cancel",
}
PROSE = re.compile("|".join(rf"(?P<w{n}>\b(?:{words})\b)" for n, words in enumerate(RETIRED)))


def files_of(place: str) -> list[Path]:
    command = ["git", "ls-files", place]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - git's own list
    return [ROOT / name for name in listed.splitlines() if name.endswith((".py", ".md"))]


def retired_in(text: str) -> list[str]:
    """Every retired word, with its line and what to write instead."""
    advice = list(RETIRED.values())
    return [
        f"line {number}: {found.group()!r}: write {advice[int((found.lastgroup or 'w0')[1:])]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for found in PROSE.finditer(line)
    ]


@pytest.mark.parametrize("place", REWRITTEN)
def test_rewritten_place_has_no_retired_word(place: str) -> None:
    files = files_of(place)
    assert files
    found = [f"{path.relative_to(ROOT)} {each}" for path in files for each in retired_in(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "a letter for the customer",
        "class LetterBox:",
        "mend it",
        "the articles on the shelf",
        "whoever asks",
        "it was parked",
    ],
)
def test_retired_word_is_found_with_its_replacement(line: str) -> None:
    found = retired_in(f"first line\n{line}\n")
    assert found
    assert all(each.startswith("line 2: ") and ": write " in each for each in found)


def test_public_class_name_means_one_thing_in_rewritten_places() -> None:
    places = defaultdict(list)
    for place in REWRITTEN:
        for path in files_of(place):
            if path.suffix == ".py" and "tests" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                        places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
