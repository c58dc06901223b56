"""The table of changes with their verdicts, in `cases/`: one line for each.

Backward: the new schema reads what the old one writes. The cases of `reserved.jsonl` follow the policy that
names are reserved; all others are strict.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft7Validator

from cli.schema.compatibility.comparison import accepts_all
from cli.schema.compatibility.verdict import Broken, Comparison, Compatible, Node

FOLDER = Path(__file__).parent / "cases"
DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def _cases() -> list[Any]:
    return [
        pytest.param(file.stem, json.loads(line), id=f"{file.stem}: {json.loads(line)['case']}")
        for file in sorted(FOLDER.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


CASES = _cases()


@pytest.mark.parametrize(("topic", "case"), CASES)
def test_comparison_has_verdict_of_table(topic: str, case: dict[str, Any]) -> None:
    old, new = _in_draft(topic, case["old"]), _in_draft(topic, case["new"])
    strict = topic != "reserved"

    backward = accepts_all(old, new, strict=strict)
    forward = accepts_all(new, old, strict=strict)

    assert (_word(backward), _word(forward)) == (case["backward"], case["forward"]), (backward, forward)
    _divides(topic, backward, old, new)
    _divides(topic, forward, new, old)


def test_table_has_many_cases() -> None:
    assert len(CASES) >= 150
    assert len({json.dumps([each.values[1]["old"], each.values[1]["new"]]) for each in CASES}) >= 150


def _in_draft(topic: str, schema: Node) -> Node:
    return {"$schema": DRAFT_4, **schema} if topic == "draft-4" and isinstance(schema, dict) else schema


def _word(verdict: Comparison) -> str:
    return "yes" if isinstance(verdict, Compatible) else "no" if isinstance(verdict, Broken) else "unknown"


def _divides(topic: str, verdict: Comparison, writer: Node, reader: Node) -> None:
    """Check the instance with validators of our own, except where a format decides."""
    if isinstance(verdict, Broken) and "format" not in json.dumps([writer, reader]):
        kind = Draft4Validator if topic == "draft-4" else Draft7Validator
        assert kind(writer).is_valid(verdict.instance)
        assert not kind(reader).is_valid(verdict.instance)
