"""What a function counts and nobody ought to see even once wakes somebody the first time."""

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
TURNED_AWAY = {service.name for service in topology.SERVICES if service.api}


def ringing(graph: Graph) -> dict[tuple[str, str], dict[str, object]]:
    """The alarms on functions' own counts, by service and metric."""
    return {
        (each.properties["Dimensions"][0]["Value"], each.properties["MetricName"]): dict(each.properties)
        for each in graph.of("CloudWatch::Alarm")
        if each.properties.get("Namespace") == "Orderbus/dev" and each.properties["Threshold"] == 1
    }


@pytest.mark.parametrize(("service", "metric"), sorted(COUNTED))
def test_the_first_count_rings(dev: Graph, service: str, metric: str) -> None:
    alarm = ringing(dev)[service, metric]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("service", sorted(TURNED_AWAY))
def test_a_503_of_ours_rings_as_an_error_would(dev: Graph, prod: Graph, service: str) -> None:
    for graph, stage in ((dev, "dev"), (prod, "prod")):
        name = f"orderbus-{stage}-{service}-api"
        said, raised = (
            graph.named("CloudWatch::Alarm", f"{name}-{kind}").properties
            for kind in ("unavailable", "errors")
        )
        assert (said["Namespace"], said["MetricName"]) == (f"Orderbus/{stage}", "Unavailable")
        assert said["Dimensions"] == [{"Name": "service", "Value": f"{service}-api"}]
        for setting in ("Statistic", "Period", "Threshold", "EvaluationPeriods", "ComparisonOperator"):
            assert said[setting] == raised[setting]


def test_each_such_alarm_hears_a_metric_that_the_code_counts(dev: Graph) -> None:
    for service, metric in ringing(dev):
        files = [*(FUNCTIONS / "shared").rglob("*.py"), *(FUNCTIONS / service.partition("-")[0]).glob("*.py")]
        counted = {name for path in files for name in re.findall(r'count(?:_by)?\("(\w+)"', path.read_text())}
        assert metric in counted, (service, metric)
