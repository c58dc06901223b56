"""No generated pair of schemas and no generated instance contradicts a verdict."""

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for

from cli.schema.compatibility.comparison import accepts_all
from cli.schema.compatibility.sampling import samples
from cli.schema.compatibility.subschema import SchemaDocument, Subschema
from cli.schema.compatibility.verdict import Broken, Compatible, Unknown
from tests.unit.cli.schema.generated_schemas import instances, pairs

PAIRS = examples(30)


@pytest.mark.exhaustive
@pytest.mark.parametrize("draft_4", [True, False])
def test_verdict_holds_when_schemas_are_generated(draft_4: bool) -> None:
    found: Counter[type] = Counter()

    @settings(
        max_examples=PAIRS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize="EXAMPLES" not in os.environ,
    )
    @given(pairs(draft_4=draft_4), st.lists(instances(), min_size=8, max_size=16))
    def check(pair: tuple[Any, Any], values: list[Any]) -> None:
        found[_checked(*pair, values)] += 1

    check()

    assert found[Compatible] > PAIRS / 10
    assert found[Broken] > PAIRS / 10
    assert found[Unknown] < sum(found.values()) / 4


def _checked(writer: Any, reader: Any, values: list[Any]) -> type:
    assume(_is_valid(writer) and _is_valid(reader))
    verdict = accepts_all(writer, reader, strict=True)
    written, read = SchemaDocument(writer).validator, SchemaDocument(reader).validator
    if isinstance(verdict, Broken):
        assert written.is_valid(verdict.instance)
        assert not read.is_valid(verdict.instance)
    if isinstance(verdict, Compatible):
        for value in [*values, *samples((Subschema(SchemaDocument(writer), writer),))]:
            assert read.is_valid(value) or not written.is_valid(value), value
    return type(verdict)


def _is_valid(schema: Any) -> bool:
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError:
        return False
    return True
