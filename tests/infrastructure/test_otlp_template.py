"""The function that sends sampled traces: off by default, and with the fewest permissions."""

import json
from pathlib import Path
from typing import Any

import pytest

from infrastructure.application import InvalidStageError
from infrastructure.orderbus import ORDERBUS
from infrastructure.stage_resources import dead_letter_queues
from tests.assemblies import service_stacks, settings_of_stages
from tests.infrastructure.graph import every
from tests.infrastructure.test_ordered_stream import resources

STREAM = {"shards": 1, "retention_hours": 24}
ROW: dict[str, Any] = {"endpoint": "https://collector.example:4318", "ratio": 0.1, "headers_secret": True}
CLOUDWATCH = "https://xray.eu-west-1.amazonaws.com"


def stages_with(row: dict[str, Any], stream: object = STREAM) -> dict[str, Any]:
    stages: dict[str, Any] = settings_of_stages()["stages"]
    stages["dev"] |= {"bridges": {"otlp": row}, "ordered_stream": stream}
    return stages


@pytest.fixture(scope="module")
def tracing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage `dev` with a collector that needs a key, and alarms on absence."""
    return service_stacks(
        tmp_path_factory.mktemp("tracing"),
        "otlp",
        "analytics",
        ordered_stream=STREAM,
        bridges={"otlp": ROW},
        heartbeat_minutes=5,
        tracing="pass_through",
    )


@pytest.fixture(scope="module")
def to_cloudwatch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    row = {"endpoint": CLOUDWATCH, "ratio": 1}
    return service_stacks(
        tmp_path_factory.mktemp("cloudwatch"),
        "otlp",
        ordered_stream=STREAM,
        bridges={"otlp": row},
        tracing="pass_through",
    )


@pytest.mark.parametrize(
    ("row", "stream", "reason"),
    [
        (ROW, None, "set ordered_stream too"),
        ({**ROW, "ratio": 0}, STREAM, "ratio"),
        ({**ROW, "ratio": 1.1}, STREAM, "ratio"),
        ({**ROW, "endpoint": "http://collector.example"}, STREAM, "endpoint"),
        ({**ROW, "endpoint": "https://user@collector.example"}, STREAM, "endpoint"),
        ({**ROW, "facts": ["OrderCreated"]}, STREAM, "remove facts"),
    ],
)
def test_wrong_row_stops_the_synthesis(row: dict[str, Any], stream: object, reason: str) -> None:
    with pytest.raises(InvalidStageError, match=reason):
        ORDERBUS.stage("dev", stages_with(row, stream))


def xray_actions(assembly: Path) -> list[str]:
    statements = [
        line
        for policy in resources(assembly, "AWS::IAM::Policy")
        for line in policy["PolicyDocument"]["Statement"]
    ]
    return [action for line in statements for action in every(line["Action"]) if "xray" in action]


def test_function_puts_segments_only_when_it_uses_cloudwatch(tracing: Path, to_cloudwatch: Path) -> None:
    assert xray_actions(tracing) == []
    assert xray_actions(to_cloudwatch) == ["xray:PutTraceSegments"]


def test_function_gets_the_row_as_settings(tracing: Path, to_cloudwatch: Path) -> None:
    of_collector, of_cloudwatch = (variables(assembly) for assembly in (tracing, to_cloudwatch))
    assert (of_collector["OTLP_ENDPOINT"], of_collector["OTLP_RATIO"]) == (ROW["endpoint"], "0.1")
    assert "OTLP_SECRET" in of_collector
    assert "OTLP_SIGNED" not in of_collector
    assert of_cloudwatch["OTLP_SIGNED"] == "signed"
    assert "OTLP_SECRET" not in of_cloudwatch


def variables(assembly: Path) -> dict[str, Any]:
    (function,) = [
        each
        for each in resources(assembly, "AWS::Lambda::Function")
        if each["FunctionName"] == "orderbus-dev-otlp"
    ]
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def test_dead_letter_queue_is_readable_by_people(tracing: Path) -> None:
    stage = ORDERBUS.stage("dev", stages_with(ROW))
    deployed = {each["QueueName"] for each in resources(tracing, "AWS::SQS::Queue")}
    assert {name for name in dead_letter_queues(stage) if "otlp" in name} == {"orderbus-dev-otlp-dlq"}
    assert "orderbus-dev-otlp-dlq" in deployed


@pytest.mark.parametrize("service", ["otlp", "analytics"])
def test_stream_consumers_have_alarms_on_lag_and_absence(tracing: Path, service: str) -> None:
    alarms = {each["AlarmName"]: each for each in resources(tracing, "AWS::CloudWatch::Alarm")}
    prefix = f"orderbus-dev-{service}"
    assert {f"{prefix}-iterator-age", f"{prefix}-dlq-not-empty", f"{prefix}-silent"} <= alarms.keys()
    silent = alarms[f"{prefix}-silent"]
    assert (silent["MetricName"], silent["TreatMissingData"]) == ("Handled", "breaching")
    assert json.dumps(silent["Dimensions"]) == json.dumps([{"Name": "service", "Value": service}])
