"""The alarm on records that do not reach a consumer of the ordered stream."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.shop import PREFIX, Shop
from tests.workflow.test_absent_orders import Fault, crash

ALARM = f"{PREFIX}-analytics-silent"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """A stage with a heartbeat every five minutes, and a stream of two shards."""
    stream = {"shards": 2, "retention_hours": 24}
    assembly = dev_with(tmp_path_factory, heartbeat_minutes=5, ordered_stream=stream)
    with OfflineCloud.start(assembly=assembly) as cloud:
        yield cloud


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    """Synthetic orders were shipped and counted, and no alarm is in ALARM."""
    deployed.reset()
    shop = Shop(deployed)
    shop.open()
    deployed.advance(minutes=21)
    assert deployed.alarms.in_alarm == []
    return shop


@contextmanager
def disabled_reader(shop: Shop, function: str) -> Iterator[None]:
    """Disable the mapping through which a function reads its stream."""
    client = shop.cloud.client("lambda")
    listed = client.list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [each for each in listed if each["FunctionArn"].endswith(f"{PREFIX}-{function}:live")]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@pytest.mark.parametrize(
    ("component", "fault"),
    [("analytics", disabled_reader), ("analytics", crash), ("stream", disabled_reader), ("stream", crash)],
)
def test_silent_alarm_fires_when_no_record_arrives(shop: Shop, component: str, fault: Fault) -> None:
    with fault(shop, component):
        shop.cloud.advance(minutes=32)
        in_alarm = shop.cloud.alarms.in_alarm
    assert ALARM in in_alarm
    assert f"{PREFIX}-heartbeat-missing" not in in_alarm
    shop.cloud.advance(minutes=32)
    assert ALARM not in shop.cloud.alarms.in_alarm
