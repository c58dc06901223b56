"""No path of an order becomes more expensive unnoticed: `make budget` writes the budget."""

import pytest

from benchmarks.budget import read_budget, verdict
from cli.cost.counting.count import count
from cli.cost.counting.counts import Counts, PathCount
from cli.cost.counting.paths import PATHS
from cli.demo.deployment import deployed_names
from pocketcloud import OfflineCloud
from tests.workflow.order_outcomes import OUTCOMES

LOG_TOLERANCE = 0.05
GATEWAY = "gateway"
"""The simulated provider's table: one row, one unit and one request for each charge."""
MAXIMUM_REQUESTS = 20
MAXIMUM_WRITE_UNITS = 32


@pytest.fixture(scope="module")
def counted(deployed: OfflineCloud) -> Counts:
    return count(deployed, deployed_names(deployed.outputs))


def test_path_stays_within_its_budget(counted: Counts) -> None:
    budget = read_budget()
    assert set(counted.paths) == set(budget.paths), "run `make budget`"
    verdicts = [verdict(name, path, budget.paths[name]) for name, path in counted.paths.items()]
    assert [each for each in verdicts if each] == []


def test_shipped_order_meets_its_goals() -> None:
    shipped = read_budget().paths["shipped"]
    assert shipped.tables[GATEWAY] == 1
    assert shipped.requests - shipped.tables[GATEWAY] <= MAXIMUM_REQUESTS
    assert shipped.write_units <= MAXIMUM_WRITE_UNITS


def test_units_by_table_and_function_agree(counted: Counts) -> None:
    for path in counted.paths.values():
        assert sum(path.tables.values()) == path.write_units


def test_log_bytes_stay_near_the_budget(counted: Counts) -> None:
    now, budget = (sum(map(log_bytes, each.paths.values())) for each in (counted, read_budget()))
    assert now == pytest.approx(budget, rel=LOG_TOLERANCE), "run `make budget`"


def test_every_outcome_of_an_order_has_a_path() -> None:
    assert len(PATHS) >= len(OUTCOMES)


def test_verdict_names_what_to_do_when_a_path_changes() -> None:
    budget = read_budget().paths["shipped"]
    dearer, cheaper = (changed(budget, by) for by in (1, -1))
    assert "became more expensive" in verdict("shipped", dearer, budget)
    assert "Lower the budget: run `make budget`" in verdict("shipped", cheaper, budget)
    assert verdict("shipped", budget, budget) == ""


def changed(path: PathCount, by: int) -> PathCount:
    copy = read_budget().paths["shipped"]
    copy.events = path.events + by
    return copy


def log_bytes(path: PathCount) -> int:
    return sum(
        each.message_log_bytes + each.metric_log_bytes + each.order_metric_log_bytes + each.platform_log_bytes
        for each in path.functions.values()
    )
