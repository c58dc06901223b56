"""A stage with only the essential alarms."""

from cli.status.metrics import functions_of
from infrastructure import topology
from infrastructure.names import Names
from tests.infrastructure.graph import Graph

ROUTES = {f"{service.name}-api" for service in topology.SERVICES if service.routes}


def alarms_of(graph: Graph) -> set[str]:
    return {each.name.removeprefix("orderbus-dev-") for each in graph.any_of("CloudWatch::Alarm")}


def test_stage_keeps_only_the_essential_alarms(dev: Graph) -> None:
    dead_letters = {each.name for each in dev.of("SQS::Queue") if each.name.endswith("-dlq")}
    assert alarms_of(dev) == {
        *(f"{name.removeprefix('orderbus-dev-')}-not-empty" for name in dead_letters),
        *(f"{name}-unavailable" for name in ROUTES),
        "relay-iterator-age",
        "inventory-levels-iterator-age",
        "orders-overdue",
        "api-failing",
    }
    assert dev.any_of("CloudWatch::CompositeAlarm") == []


def test_essential_alarms_equal_those_of_all(watched: Graph, dev: Graph) -> None:
    for name in alarms_of(dev):
        every, few = (
            graph.named("CloudWatch::Alarm", f"orderbus-dev-{name}").properties for graph in (watched, dev)
        )
        assert few == every


def test_selection_changes_nothing_but_alarms(watched: Graph, dev: Graph) -> None:
    def others(graph: Graph) -> list[tuple[str, str]]:
        found = ((each.type, each.logical_id) for each in graph.resources)
        return sorted(each for each in found if "CloudWatch" not in each[0])

    assert others(dev) == others(watched)


def test_status_lists_every_function_without_their_alarms(dev: Graph) -> None:
    assert functions_of(Names("dev"), []) == {each.name for each in dev.of("Lambda::Function")}
