"""The costs and limits of a stage in the docs come from its templates."""

import pytest

from benchmarks.budget import read_stages
from cli.cost.stage_template import read_templates
from infrastructure.names import Names
from tests.infrastructure.graph import Graph


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_committed_stage_equals_its_templates(stage: str, request: pytest.FixtureRequest) -> None:
    graph: Graph = request.getfixturevalue(stage)
    assert read_stages()[stage] == read_templates(graph.assembly, Names(stage).prefix), "run `make budget`"
