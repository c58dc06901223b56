"""`orderbus cost` rejects what it has no prices for."""

from typing import Any

import pytest

from cli.core.errors import CommandError
from cli.cost import assembly


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"ordered_stream": {"shards": 1, "retention_hours": 24}}, "ordered stream"),
        ({"bridges": {"pubsub": {}}}, "bridges to other brokers"),
    ],
)
def test_cost_rejects_a_stage_without_known_prices(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr(assembly, "_context", lambda: {"stages": {"dev": settings}})
    with pytest.raises(CommandError, match=reason), assembly.assembly_of("dev"):
        pytest.fail("It was priced.")
