"""The templates, synthesized once for each stage."""

from pathlib import Path

import pytest

from app import synthesise
from tests.infrastructure.graph import Graph


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _synthesised(tmp_path_factory.mktemp("dev"), stage="dev")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _synthesised(tmp_path_factory.mktemp("prod"), stage="prod")


def _synthesised(outdir: Path, *, stage: str) -> Graph:
    synthesise(outdir, stage=stage)
    return Graph(outdir)
