"""examples/booking: another domain on the same components and the same shared library."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from infrastructure.orderbus import ORDERBUS, ROOT
from pocketcloud import AwsCall, Crash, OfflineCloud, Undelivered
from tests.workflow.call_faults import Proceed, call_fault, published_twice

EXAMPLE = ROOT / "examples" / "booking"
BOOKING = str(UUID(int=1))
PREFIX = "booking-dev"
OUTCOMES = {"BookingConfirmed", "BookingCancelled"}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's assembly, with the locked packages that are built already."""
    folder = tmp_path_factory.mktemp("booking")
    ORDERBUS.bundles.layer()
    (folder / "build").mkdir()
    (folder / "build" / "layers").symlink_to(ORDERBUS.bundles.build / "layers")
    command = [sys.executable, str(EXAMPLE / "app.py"), str(folder / "cdk.out")]
    # The tests of Orderbus's own templates validate the components.
    subprocess.run(command, cwd=folder, env={**os.environ, "CDK_VALIDATION": "false"}, check=True)
    return folder / "cdk.out"


@pytest.fixture(scope="module")
def deployed(assembly: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud


@pytest.fixture
def cloud(deployed: OfflineCloud) -> OfflineCloud:
    """The example with one free double room."""
    deployed.reset()
    deployed.client("dynamodb").put_item(
        TableName=f"{PREFIX}-rooms", Item={"room_type": {"S": "double"}, "vacant": {"N": "1"}}
    )
    return deployed


def request(cloud: OfflineCloud, *, booking: str = BOOKING, payment_method: str = "pm_visa") -> None:
    """Put the website's event on the ingress bus, and wait for its effects."""
    put_request(cloud, booking=booking, payment_method=payment_method)
    cloud.settle()


def put_request(cloud: OfflineCloud, *, booking: str = BOOKING, payment_method: str = "pm_visa") -> None:
    event = {
        "specversion": "1.0",
        "id": booking,
        "source": "website",
        "type": "BookingRequested",
        "subject": booking,
        "time": cloud.clock.now().isoformat(),
        "dataschema": "urn:booking:schema:website:BookingRequested:1",
        "correlationid": booking,
        "causationid": booking,
        "traceparent": f"00-{'1' * 32}-{'2' * 16}-01",
        "data": {
            "booking_id": booking,
            "room_type": "double",
            "amount_minor": 12_000,
            "payment_method": payment_method,
        },
    }
    entry = {"Source": "website", "DetailType": "BookingRequested", "Detail": json.dumps(event)}
    response = cloud.put_events([{**entry, "EventBusName": f"{PREFIX}-ingress-bus"}])
    assert response["FailedEntryCount"] == 0


def facts(cloud: OfflineCloud, booking: str = BOOKING) -> list[str]:
    """Return the types of a booking's facts, oldest first."""
    rows = cloud.client("dynamodb").scan(TableName=f"{PREFIX}-event-log")["Items"]
    events: list[dict[str, Any]] = [json.loads(row["event"]["S"]) for row in rows]
    own = [event for event in events if event["data"]["booking_id"] == booking]
    return [event["type"] for event in sorted(own, key=lambda event: event["time"])]


def undelivered(cloud: OfflineCloud) -> list[Undelivered]:
    """Return the undelivered events except outcomes, whose topics have no subscribers."""
    return [each for each in cloud.undelivered if each.event is None or each.event.type not in OUTCOMES]


def free_rooms(cloud: OfflineCloud) -> int:
    key = {"room_type": {"S": "double"}}
    return int(cloud.client("dynamodb").get_item(TableName=f"{PREFIX}-rooms", Key=key)["Item"]["vacant"]["N"])


def test_booking_is_confirmed(cloud: OfflineCloud) -> None:
    request(cloud)
    assert facts(cloud) == ["RoomHeld", "PaymentTaken", "BookingConfirmed"]
    assert free_rooms(cloud) == 0
    assert undelivered(cloud) == []


def test_declined_payment_releases_the_room_and_cancels_the_booking(cloud: OfflineCloud) -> None:
    request(cloud, payment_method="pm_declined")
    assert facts(cloud) == ["RoomHeld", "PaymentDeclined", "RoomReleased", "BookingCancelled"]
    assert free_rooms(cloud) == 1
    assert undelivered(cloud) == []


def test_booking_is_cancelled_when_no_room_is_free(cloud: OfflineCloud) -> None:
    request(cloud)
    other = str(UUID(int=2))
    request(cloud, booking=other)
    assert facts(cloud, other) == ["RoomUnavailable", "BookingCancelled"]
    assert free_rooms(cloud) == 0


@pytest.mark.parametrize(
    ("payment_method", "rooms", "expected"),
    [
        ("pm_visa", 0, ["RoomHeld", "PaymentTaken", "BookingConfirmed"]),
        ("pm_declined", 1, ["RoomHeld", "PaymentDeclined", "RoomReleased", "BookingCancelled"]),
    ],
)
def test_booking_is_decided_once_when_messages_arrive_twice(
    cloud: OfflineCloud, payment_method: str, rooms: int, expected: list[str]
) -> None:
    with call_fault(cloud, published_twice):
        request(cloud, payment_method=payment_method)
        request(cloud, payment_method=payment_method)
    assert facts(cloud) == expected
    assert free_rooms(cloud) == rooms
    assert undelivered(cloud) == []
    deliveries = Counter((each.event, each.queue) for each in cloud.deliveries)
    consumed = len(expected)  # the request and each fact but the last
    assert len(deliveries) == consumed
    assert min(deliveries.values()) == 2


def crashing_relay(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    if call.function == f"{PREFIX}-relay":
        raise Crash
    return proceed()


def test_flow_alarm_fires_when_the_relay_crashes(cloud: OfflineCloud) -> None:
    with call_fault(cloud, crashing_relay):
        put_request(cloud)
        cloud.advance(minutes=9)
        assert f"{PREFIX}-bookings-are-not-flowing" in cloud.alarms.in_alarm


def test_templates_name_nothing_of_orderbus(assembly: Path) -> None:
    for template in assembly.glob("*.template.json"):
        assert "order" not in template.read_text().lower()


def test_logs_name_the_booking(cloud: OfflineCloud) -> None:
    request(cloud)
    lines = [json.loads(line) for line in cloud.logs(f"{PREFIX}-rooms") if line.startswith("{")]
    assert BOOKING in {line.get("booking_id") for line in lines}
    assert all("order_id" not in line for line in lines)


def test_committed_schemas_are_current(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contract_files.domain", str(EXAMPLE), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    committed = contents(EXAMPLE / "schemas")
    assert committed == contents(tmp_path)
    assert len(committed) == 8


def contents(folder: Path) -> dict[Path, str]:
    return {path.relative_to(folder): path.read_text() for path in folder.glob("*/*.json")}
