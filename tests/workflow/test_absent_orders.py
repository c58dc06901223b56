"""The alarms on orders that do not come: the heartbeat's, and the band of the order volume."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest

from cli.core.exit_codes import ExitCode
from functions.contracts import heartbeat
from infrastructure.alarm_kinds import AlarmKind
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with_options
from tests.permissions.people import DEV, POLICIES, person
from tests.workflow.call_faults import call_fault, crashing
from tests.workflow.command_line import orderbus
from tests.workflow.runbook import RunbookReader, sections
from tests.workflow.shop import ADDRESS, PREFIX, STOCK, Shop, an_order

MINUTES = 18
"""Longer than every alarm here needs."""
ON_THE_PATH = ("orders", "inventory", "payments", "shipping")
BESIDE_IT = ("fraud", "notifications", "views")
Fault = Callable[[Shop, str], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A stage with a heartbeat every five minutes, and a band of three standard deviations."""
    with OfflineCloud.start(assembly=dev_with_options(tmp_path_factory)) as cloud:
        yield Shop(cloud)


@pytest.fixture
def shop(deployed: Shop) -> Shop:
    """Two synthetic orders were shipped, and no alarm is in ALARM."""
    deployed.cloud.reset()
    deployed.open()
    deployed.cloud.advance(minutes=11)
    assert deployed.cloud.alarms.in_alarm == []
    return deployed


@contextmanager
def disabled_mapping(shop: Shop, service: str) -> Iterator[None]:
    client = shop.cloud.client("lambda")
    found = client.list_event_source_mappings(FunctionName=f"{PREFIX}-{service}:live")
    (mapping,) = found["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def disabled_schedule(shop: Shop, service: str) -> Iterator[None]:
    client = shop.cloud.client("events")
    client.disable_rule(Name=f"{PREFIX}-{service}")
    yield
    client.enable_rule(Name=f"{PREFIX}-{service}")


def crash(shop: Shop, function: str) -> AbstractContextManager[None]:
    return call_fault(shop.cloud, crashing(function))


BROKEN: tuple[tuple[str, Fault], ...] = (
    *((service, fault) for service in ON_THE_PATH for fault in (disabled_mapping, crash)),
    ("relay", crash),
    ("heartbeat", disabled_schedule),
    ("heartbeat", crash),
)


@pytest.mark.parametrize(("component", "fault"), BROKEN)
def test_absence_alarm_fires_when_a_component_breaks(shop: Shop, component: str, fault: Fault) -> None:
    with fault(shop, component):
        shop.cloud.advance(minutes=MINUTES)
        in_alarm = shop.cloud.alarms.in_alarm
    assert f"{PREFIX}-heartbeat-missing" in in_alarm


@pytest.mark.parametrize("fault", [disabled_mapping, crash])
def test_silent_alarm_names_the_consumers_that_orders_pass_by(shop: Shop, fault: Fault) -> None:
    with ExitStack() as faults:
        for service in BESIDE_IT:
            faults.enter_context(fault(shop, service))
        shop.cloud.advance(minutes=MINUTES)
        in_alarm = shop.cloud.alarms.in_alarm
    silent = {name for name in in_alarm if name.endswith(("-silent", "-missing"))}
    assert silent == {f"{PREFIX}-{service}-silent" for service in BESIDE_IT}


def test_time_alarm_fires_when_a_component_is_slow(shop: Shop) -> None:
    with disabled_mapping(shop, "payments"):
        shop.cloud.advance(minutes=6)
    shop.cloud.advance(minutes=2)
    assert shop.cloud.alarms.in_alarm == [f"{PREFIX}-heartbeat-slow"]


@pytest.mark.parametrize("kind", ["heartbeat-missing", "heartbeat-slow", "consumer-silent"])
def test_runbook_commands_run_when_a_heartbeat_fails(shop: Shop, kind: str) -> None:
    with call_fault(shop.cloud, crashing("shipping")):
        shop.cloud.advance(minutes=6)
    known = {"STAGE": "dev", "WHAT": "shipping"}
    if kind != "heartbeat-missing":
        known["ORDER"] = shop.rows("waiting")[0]["open_since"].rpartition("#")[2]
    reader = RunbookReader(shop.cloud, known)
    for block in sections()[AlarmKind(kind)].blocks:
        reader.types(block)


def test_synthetic_orders_are_free_and_no_sales(shop: Shop) -> None:
    assert [order["status"] for order in shop.orders()] == ["shipped", "shipped"]
    assert shop.rows("sales") == []
    assert shop.charges().total() == 0
    assert shop.available() == {**STOCK, heartbeat.SKU: 0}
    assert {email.to for email in shop.cloud.mails} == {(heartbeat.EMAIL,)}
    code, out, _ = orderbus("views", "sales", "2026-01-01", "--json")
    assert (code, out.strip()) == (0, "[]")


def test_reserved_sku_is_rejected_when_a_customer_orders_it(shop: Shop) -> None:
    price = {"sku": {"S": heartbeat.SKU}, "unit_price": {"N": "0"}, "currency": {"S": "GBP"}}
    shop.cloud.client("dynamodb").put_item(TableName=f"{PREFIX}-catalogue", Item=price)
    reply = shop.post(an_order(lines=[{"sku": heartbeat.SKU, "quantity": 1}], ship_to=ADDRESS))
    assert (reply.status, reply.json()["code"]) == (422, "unknown_sku")


@pytest.fixture
def waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A command that waits lets virtual time pass."""
    monkeypatch.setattr("cli.smoke.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))
    return shop


def test_smoke_follows_an_order_to_its_end(waiting: Shop) -> None:
    steps = person(waiting.cloud, "an-operator", *POLICIES).types("smoke")["steps"]
    assert [step["service"] for step in steps] == [
        *("inventory", "orders", "inventory", "payments", "orders", "shipping"),
        *BESIDE_IT,
    ]
    assert all(0 <= step["seconds"] < 20 for step in steps)
    assert waiting.rows("sales") == []


def test_smoke_is_denied_to_an_observer(waiting: Shop) -> None:
    code, _, err = person(waiting.cloud, "an-observer", *DEV.observer_policies).tries("smoke")
    assert code == ExitCode.AWS_REFUSED
    assert "operator" in err


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("inventory", "inventory has not published StockAdded"),
        ("orders", "orders has not published OrderCreated"),
        ("payments", "payments has not published PaymentProcessed"),
        ("views", "views has not handled its events"),
    ],
)
def test_smoke_names_the_step_that_is_missing(
    waiting: Shop, monkeypatch: pytest.MonkeyPatch, service: str, expected: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with disabled_mapping(waiting, service):
        code, out, err = orderbus("smoke", "--timeout", "10")
    assert code == ExitCode.OPEN_ORDERS
    assert "missing" in out
    assert expected in err
    assert max(map(len, (*out.splitlines(), *err.splitlines()))) <= 80
    assert f"dlq ls --consumer {service}" in err


def place_in_five_minutes(shop: Shop, orders: int) -> None:
    for number in range(orders):
        shop.place(an_order(), key=f"{shop.cloud.clock.now():%H%M}-{number}", customer=f"c{number}")
    shop.cloud.advance(minutes=5)


def test_volume_alarm_fires_only_outside_the_band(deployed: Shop) -> None:
    shop, alarm = deployed, f"{PREFIX}-order-volume"
    shop.cloud.reset()
    shop.open(stock={"TEAPOT": 1000, "CUP": 1000})
    for usual in [3, 2, 4] * 5:
        place_in_five_minutes(shop, usual)
    assert alarm not in shop.cloud.alarms.in_alarm
    for orders, fires in ((5, False), (25, True)):
        for _ in range(2):
            place_in_five_minutes(shop, orders)
        assert (alarm in shop.cloud.alarms.in_alarm) is fires
