"""The settings of a stage that decide what it costs."""

import json
from copy import deepcopy

import pytest

from infrastructure.application import InvalidStageError
from infrastructure.orderbus import ORDERBUS
from tests.infrastructure.conftest import CAPACITY
from tests.infrastructure.graph import Graph
from tests.infrastructure.test_stages import STAGES

TARGET = "ApplicationAutoScaling::ScalableTarget"
POLICY = "ApplicationAutoScaling::ScalingPolicy"


def test_tables_are_on_demand_without_a_capacity(dev: Graph) -> None:
    tables = [each.properties for each in dev.of("DynamoDB::Table")]
    assert {table["BillingMode"] for table in tables} == {"PAY_PER_REQUEST"}
    assert not dev.any_of(TARGET)


def test_provisioned_tables_and_indexes_scale_reads_and_writes(shared: Graph) -> None:
    tables = [each.properties for each in shared.of("DynamoDB::Table")]
    assert {table.get("BillingMode", "PROVISIONED") for table in tables} == {"PROVISIONED"}
    indexes = sum(len(table.get("GlobalSecondaryIndexes", [])) for table in tables)
    targets = [each.properties for each in shared.of(TARGET)]
    assert len(targets) == 2 * (len(tables) + indexes)
    assert {(each["MinCapacity"], each["MaxCapacity"]) for each in targets} == {(5, 4000)}
    policies = [
        each.properties["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        for each in shared.of(POLICY)
    ]
    assert policies == [70] * len(targets)


@pytest.mark.parametrize(
    ("stage", "level", "tracing"), [("dev", "INFO", "Active"), ("prod", "WARN", "PassThrough")]
)
def test_functions_log_and_trace_as_the_stage_says(
    stage: str, level: str, tracing: str, request: pytest.FixtureRequest
) -> None:
    graph: Graph = request.getfixturevalue(stage)
    functions = [each.properties for each in graph.of("Lambda::Function")]
    assert functions
    assert {each["LoggingConfig"]["SystemLogLevel"] for each in functions} == {level}
    assert {each.get("TracingConfig", {"Mode": "PassThrough"})["Mode"] for each in functions} == {tracing}
    # So a client's header cannot start a trace.
    roles = json.dumps([each.properties for each in graph.of("IAM::Policy")])
    assert ("xray:Put" in roles) == (tracing == "Active")


def test_capacity_with_swapped_bounds_is_rejected() -> None:
    stages = deepcopy(STAGES)
    stages["dev"]["table_capacity"] = {**CAPACITY, "minimum_units": 5000}
    with pytest.raises(InvalidStageError, match="minimum_units is above maximum_units; swap them"):
        ORDERBUS.stage("dev", stages)


def test_snap_start_applies_to_published_versions(dev: Graph, shared: Graph) -> None:
    with_snapshots = [each.properties["SnapStart"] for each in shared.of("Lambda::Function")]
    assert with_snapshots
    assert all(each == {"ApplyOn": "PublishedVersions"} for each in with_snapshots)
    assert not any("SnapStart" in each.properties for each in dev.of("Lambda::Function"))
