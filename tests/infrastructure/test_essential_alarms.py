"""A stage with only the essential alarms."""

import pytest

from infrastructure import topology
from infrastructure.orderbus import ORDERBUS
from tests.assemblies import dev_with, settings_of_stages
from tests.infrastructure.graph import Graph

ROUTES = {f"{service.name}-api" for service in topology.SERVICES if service.routes}


@pytest.fixture(scope="module")
def frugal(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    alarms = settings_of_stages()["stages"]["dev"]["alarms"] | {"selection": "essential"}
    return Graph(dev_with(tmp_path_factory, alarms=alarms))


def alarms_of(graph: Graph) -> set[str]:
    return {each.name.removeprefix("orderbus-dev-") for each in graph.any_of("CloudWatch::Alarm")}


def test_stage_keeps_only_the_essential_alarms(frugal: Graph) -> None:
    dead_letters = {each.name for each in frugal.of("SQS::Queue") if each.name.endswith("-dlq")}
    assert alarms_of(frugal) == {
        *(f"{name.removeprefix('orderbus-dev-')}-not-empty" for name in dead_letters),
        *(f"{name}-unavailable" for name in ROUTES),
        "relay-iterator-age",
        "inventory-levels-iterator-age",
        "orders-overdue",
    }
    assert frugal.any_of("CloudWatch::CompositeAlarm") == []


def test_essential_alarms_equal_those_of_all(dev: Graph, frugal: Graph) -> None:
    for name in alarms_of(frugal):
        every, few = (
            graph.named("CloudWatch::Alarm", f"orderbus-dev-{name}").properties for graph in (dev, frugal)
        )
        assert few == every


def test_selection_changes_nothing_but_alarms(dev: Graph, frugal: Graph) -> None:
    def others(graph: Graph) -> list[tuple[str, str]]:
        found = ((each.type, each.logical_id) for each in graph.resources)
        return sorted(each for each in found if "CloudWatch" not in each[0])

    assert others(frugal) == others(dev)
    assert ORDERBUS.stage("dev", settings_of_stages()["stages"]).settings.alarms.selection == "all"
