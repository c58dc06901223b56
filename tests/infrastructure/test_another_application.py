"""Another application composes the components without any of Orderbus's names."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from infrastructure.application import Application, InvalidStageError
from infrastructure.observability.alarm_row import Severity
from infrastructure.observability.overview import FlowAlarmRow, Overview
from infrastructure.orderbus import ORDERBUS, ROOT
from infrastructure.packaging.bundles import Bundles
from infrastructure.services import FactDeclaration, Function, Service, Topology
from infrastructure.stacks.api import ApiStack
from infrastructure.stacks.platform import PlatformStack
from infrastructure.stacks.service import ServiceStack
from infrastructure.tables import Table
from infrastructure.triggers import EveryMinute, Queue, Routes
from tests.infrastructure.build_folder import build_folder
from tests.infrastructure.graph import Graph

TOPOLOGY = Topology(
    facts=(
        FactDeclaration(name="BookingRequested", owner="bookings"),
        FactDeclaration(name="RoomHeld", owner="rooms", no_consumer_because="a test"),
    ),
    services=(
        Service(
            name="bookings",
            functions=(
                Function(module="api", trigger=Routes(("POST /bookings",))),
                Function(module="expiry", trigger=EveryMinute("ends old requests")),
            ),
        ),
        Service(
            name="rooms",
            tables=(Table(name="rooms", partition_key="room_id"),),
            functions=(
                Function(
                    module="handler",
                    trigger=Queue(reacts_to=("BookingRequested",)),
                    uses={"rooms": ("UpdateItem",)},
                ),
            ),
        ),
    ),
)
OWN_SETTINGS = {
    "order_timeout_minutes",
    "open_orders",
    "orders_per_minute",
    "heartbeat_minutes",
    "hot_skus",
    "publish_versions",
    "sales_shards",
    "accept_older_until",
    "gateway",
    "gateway_url",
    "sender_address",
    "sender_identity",
}
OWN_ALARMS = {
    "declined_percent",
    "order_volume_deviations",
    "heartbeat_missing_minutes",
    "heartbeat_seconds",
}
SETTINGS = json.loads((ROOT / "cdk.json").read_text())["context"]["stages"]["prod"]
STAGES = {
    "prod": {
        **{name: value for name, value in SETTINGS.items() if name not in OWN_SETTINGS},
        "alarms": {name: value for name, value in SETTINGS["alarms"].items() if name not in OWN_ALARMS},
        "ingress_sources": ["website"],
        "batching_seconds": {},
    }
}


def booking(folder: Path) -> Application:
    """An application whose code is below the folder, and is written nowhere else."""
    for module in ("bookings/api", "bookings/expiry", "rooms/handler", "contracts/registry"):
        path = folder / "functions" / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return Application(
        name="booking",
        domain="booking",
        topology=TOPOLOGY,
        bundles=Bundles(code_root=folder, build=folder / "build", lock=ORDERBUS.bundles.lock),
        schemas=folder / "schemas",
        runbook="https://booking.example/runbook",
    )


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("booking")
    stage = booking(folder).stage("prod", STAGES)
    build_folder(folder)
    app = App(outdir=str(folder / "cdk.out"), builtin_cloud_formation_validation=False)
    PlatformStack(app, stage=stage)
    ApiStack(app, stage=stage)
    for service in TOPOLOGY.services:
        ServiceStack(app, stage=stage, service=service)
    app.synth()
    return Graph(folder / "cdk.out")


def test_templates_of_another_application_name_nothing_of_orderbus(graph: Graph) -> None:
    words = json.dumps(graph.templates).lower()
    assert "order" not in words


def test_resources_carry_the_name_of_their_application(graph: Graph) -> None:
    assert {each.name for each in graph.of("Events::EventBus")} == {
        "booking-prod-ingress-bus",
        "booking-prod-booking-bus",
    }
    assert {each.name for each in graph.of("Lambda::Function")} == {
        f"booking-prod-{name}" for name in ("relay", "rooms", "bookings-api", "bookings-expiry")
    }


def test_alarms_link_to_the_runbook_of_their_application(graph: Graph) -> None:
    for alarm in graph.of("CloudWatch::Alarm"):
        assert " https://booking.example/runbook#" in alarm.properties["AlarmDescription"]


def test_bundles_are_written_below_the_build_folder_alone(graph: Graph) -> None:
    folder = graph.assembly.parent
    assert {path.name for path in (folder / "build" / "bundles").iterdir()} == {"bookings", "rooms", "relay"}
    assert {path.name for path in folder.iterdir()} == {"build", "cdk.out", "functions"}


def test_settings_of_orderbus_are_unknown_to_another_application(tmp_path: Path) -> None:
    stages = {"prod": {**STAGES["prod"], "hot_skus": {}}}
    with pytest.raises(InvalidStageError, match="unknown field `hot_skus`"):
        booking(tmp_path).stage("prod", stages)


def test_missing_handler_stops_the_synthesis(tmp_path: Path) -> None:
    application = booking(tmp_path)
    (tmp_path / "functions" / "bookings" / "expiry.py").unlink()
    stage = application.stage("prod", STAGES)
    build_folder(tmp_path)
    with pytest.raises(Exception, match=r"no .*/functions/bookings/expiry.py: write it"):
        ServiceStack(App(outdir=str(tmp_path / "cdk.out")), stage=stage, service=TOPOLOGY.services[0])


def test_service_rejects_two_functions_with_one_kind_of_trigger() -> None:
    minute = Function(module="a", trigger=EveryMinute("does one thing"))
    with pytest.raises(ValueError, match="'rooms' has two functions with the trigger EveryMinute"):
        Service(name="rooms", functions=(minute, minute))


def test_flow_alarm_rejects_a_service_without_a_queue(tmp_path: Path) -> None:
    flow = FlowAlarmRow(
        name="flow", kind="flow", severity=Severity.PAGE, meaning="Late.", services=("bookings", "rooms")
    )
    overview = Overview(flow=flow, dashboard="overview", question="Does it flow?")
    with pytest.raises(ValueError, match="services without a queue: bookings"):
        replace(booking(tmp_path), overview=overview)
