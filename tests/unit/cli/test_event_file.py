"""`with_time` adds a missing time and changes nothing else."""

import json

import pytest

from cli.events.event_file import with_time
from tests.now import NOW


def test_time_is_added_when_absent() -> None:
    assert json.loads(with_time('{"id": "x"}', NOW)) == {"id": "x", "time": NOW.isoformat()}


@pytest.mark.parametrize(
    "document",
    ['{"time":  "2020-01-01T00:00:00Z"}', '{"time": null}', "[]", '"text"', "no JSON", "[" * 100_000],
    ids=["a time", "null", "a list", "a text", "no JSON", "nested deeply"],
)
def test_document_is_unchanged_when_no_time_is_missing(document: str) -> None:
    assert with_time(document, NOW) == document
