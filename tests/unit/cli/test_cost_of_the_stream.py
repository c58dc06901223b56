"""`orderbus cost` rejects what it has no prices for."""

from typing import Any

import pytest

from cli.core.errors import CommandError
from cli.cost import assembly


def test_cost_rejects_a_stage_with_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    context: dict[str, Any] = {"stages": {"dev": {"ordered_stream": {"shards": 1, "retention_hours": 24}}}}
    monkeypatch.setattr(assembly, "_context", lambda: context)
    with pytest.raises(CommandError, match="ordered stream"), assembly.assembly_of("dev"):
        pytest.fail("It was priced.")
