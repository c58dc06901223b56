"""`orderbus cost` prices the ordered stream as Kinesis bills it."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from benchmarks.budget import read_budget, read_stages
from cli.core.errors import CommandError
from cli.cost import assembly
from cli.cost.assumptions import read_assumptions
from cli.cost.bill import bill_of
from cli.cost.counting.counts import Counts
from cli.cost.ordered_stream import StreamTemplate, kibibytes, payload_units
from cli.cost.prices import PriceList
from cli.cost.usage import Scenario

PRICES = PriceList.of("us-east-1")
SIZES = (900, 1_100, 26_000)
DAY, WEEK, YEAR = 24, 168, 8760


def counts() -> Counts:
    budget = read_budget()
    shipped = with_fields(
        budget.paths["shipped"], stream_payload_units=payload_units(SIZES), stream_kibibytes=kibibytes(SIZES)
    )
    return with_fields(budget, paths={"shipped": shipped})


def kinesis(shards: int | None, hours: int) -> tuple[float, float]:
    """Return the dollars of a million orders, and those of a month without one."""
    stream = StreamTemplate(shards=shards, retention_hours=hours)
    functions = read_stages()["dev"].functions
    stage = replace(
        read_stages()["dev"], stream=stream, functions={**functions, "stream": functions["relay"]}
    )
    scenario = Scenario.of(stage, read_assumptions(), 1.0)
    bill = bill_of(counts(), {"shipped": 1.0}, scenario, PRICES)
    return bill.by_service["Kinesis"], sum(v for name, v in bill.fixed.items() if "stream" in name)


def test_records_are_rounded_up_each() -> None:
    assert (payload_units(SIZES), kibibytes(SIZES)) == (4, 29)


@pytest.mark.parametrize(
    ("shards", "hours", "a_million", "a_month"),
    [
        (2, DAY, 4 * 0.014, 2 * 730 * 0.015),
        (2, WEEK, 4 * 0.014, 2 * 730 * (0.015 + 0.02)),
        (None, DAY, 29e6 / 1024**2 * (0.08 + 0.04), 730 * 0.04),
        (None, YEAR, 29e6 / 1024**2 * (0.08 + 0.04 + 0.1 * 144 / 730), 730 * 0.04),
    ],
    ids=["two shards", "a week", "on demand", "on demand for a year"],
)
def test_stream_costs_what_kinesis_bills(
    shards: int | None, hours: int, a_million: float, a_month: float
) -> None:
    assert list(kinesis(shards, hours)) == pytest.approx([a_million, a_month])


def test_cost_rejects_a_stage_with_bridges(monkeypatch: pytest.MonkeyPatch) -> None:
    stages: dict[str, Any] = {"stages": {"dev": {"bridges": {"pubsub": {}}}}}
    monkeypatch.setattr(assembly, "_context", lambda: stages)
    with pytest.raises(CommandError, match="bridges to other brokers"), assembly.assembly_of("dev"):
        pytest.fail("It was priced.")
