"""A stage with a heartbeat has its source on the ingress bus, for itself alone, and alarms on its absence."""

from collections.abc import Mapping
from typing import Any

import pytest

from infrastructure.alarm_kinds import ROWS
from tests.infrastructure.graph import Graph, every

SOURCES = ["storefront", "warehouse", "heartbeat"]


def alarms_named(graph: Graph, end: str) -> list[Mapping[str, Any]]:
    found = [each.properties for each in graph.of("CloudWatch::Alarm") if str(each.name).endswith(end)]
    assert found
    return found


def test_ingress_bus_admits_the_heartbeat_where_there_is_one(dev: Graph, prod: Graph) -> None:
    for graph, stage, expected in ((dev, "dev", SOURCES[:2]), (prod, "prod", SOURCES)):
        bus = f"orderbus-{stage}-ingress-bus"
        policies = [each.properties for each in graph.of("Events::EventBusPolicy")]
        (statement,) = [each["Statement"] for each in policies if each["EventBusName"] == bus]
        condition = {"ForAnyValue:StringNotEquals": {"events:source": expected}}
        assert statement["Condition"] == condition


@pytest.mark.parametrize(
    ("service", "fact", "owner"),
    [
        ("orders", "checkout-completed", "storefront"),
        ("inventory", "stock-replenished", "warehouse"),
    ],
)
def test_rules_take_the_heartbeats_events(prod: Graph, service: str, fact: str, owner: str) -> None:
    rule = prod.named("Events::Rule", f"orderbus-prod-{service}-{fact}")
    assert rule.properties["EventPattern"]["source"] == [owner, "heartbeat"]


def test_function_puts_events_as_the_heartbeat_only(prod: Graph) -> None:
    lines = [
        (owner, line["Condition"]["ForAllValues:StringEquals"]["events:source"])
        for owner, line in prod.roles()
        if "events:PutEvents" in every(line["Action"]) and "Condition" in line
    ]
    assert [(owner, every(sources)) for owner, sources in lines] == [
        ("orderbus-prod-heartbeat", ["heartbeat"])
    ]


@pytest.mark.parametrize("end", ["-heartbeat-missing", "-silent"])
def test_missing_data_breaches_where_nothing_may_be_missing(prod: Graph, end: str) -> None:
    assert {alarm["TreatMissingData"] for alarm in alarms_named(prod, end)} == {"breaching"}
    assert len(alarms_named(prod, end)) == (7 if end == "-silent" else 1)


def test_missing_data_is_good_for_every_other_alarm(watched: Graph) -> None:
    assert {each.properties["TreatMissingData"] for each in watched.of("CloudWatch::Alarm")} == {
        "notBreaching"
    }
    assert {row.kind for row in ROWS if getattr(row, "fires_without_data", False)} == {
        "heartbeat-missing",
        "consumer-silent",
    }
