"""Alarms that fire at the first count of a function's metric."""

import re
from pathlib import Path

import pytest

from infrastructure import topology
from tests.infrastructure.graph import Graph

FUNCTIONS = Path(__file__).parents[2] / "functions"
COUNTED = {
    *((service.name, metric) for service in topology.SERVICES for metric in ("Forged", "NotDeadLettered")),
    ("relay", "NotDeadLettered"),
    ("orders", "FraudSuspectedTooLate"),
    ("payments", "PaymentDisputed"),
}
TURNED_AWAY = {service.name for service in topology.SERVICES if service.routes}


def counting_alarms(graph: Graph) -> dict[tuple[str, str], dict[str, object]]:
    """The alarms on functions' own counts, by service and metric."""
    return {
        (each.properties["Dimensions"][0]["Value"], each.properties["MetricName"]): dict(each.properties)
        for each in graph.of("CloudWatch::Alarm")
        if each.properties.get("Namespace") == "Orderbus/dev" and each.properties["Threshold"] == 1
    }


@pytest.mark.parametrize(("service", "metric"), sorted(COUNTED))
def test_alarm_fires_at_the_first_count(watched: Graph, service: str, metric: str) -> None:
    alarm = counting_alarms(watched)[service, metric]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("service", sorted(TURNED_AWAY))
def test_unavailable_alarm_equals_the_errors_alarm(watched: Graph, prod: Graph, service: str) -> None:
    for graph, stage in ((watched, "dev"), (prod, "prod")):
        name = f"orderbus-{stage}-{service}-api"
        actual, raised = (
            graph.named("CloudWatch::Alarm", f"{name}-{kind}").properties
            for kind in ("unavailable", "errors")
        )
        assert (actual["Namespace"], actual["MetricName"]) == (f"Orderbus/{stage}", "Unavailable")
        assert actual["Dimensions"] == [{"Name": "service", "Value": f"{service}-api"}]
        for setting in ("Statistic", "Period", "Threshold", "EvaluationPeriods", "ComparisonOperator"):
            assert actual[setting] == raised[setting]


def test_counting_alarm_watches_a_metric_of_the_code(watched: Graph) -> None:
    for service, metric in counting_alarms(watched):
        files = [*(FUNCTIONS / "shared").rglob("*.py"), *(FUNCTIONS / service.partition("-")[0]).glob("*.py")]
        counted = {name for path in files for name in re.findall(r'count(?:_by)?\("(\w+)"', path.read_text())}
        assert metric in counted, (service, metric)
