"""The order-volume alarm: its anomaly band learns the usual number of orders."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with_options
from tests.workflow.shop import PREFIX, Shop, an_order

ALARM = f"{PREFIX}-order-volume"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Deploy the stage with an anomaly band of three standard deviations."""
    with OfflineCloud.start(assembly=dev_with_options(tmp_path_factory)) as cloud:
        yield Shop(cloud)


def place_in_five_minutes(shop: Shop, orders: int) -> None:
    for number in range(orders):
        shop.place(an_order(), key=f"{shop.cloud.clock.now():%H%M}-{number}", customer=f"c{number}")
    shop.cloud.advance(minutes=5)


def test_alarm_fires_only_when_volume_leaves_the_band(shop: Shop) -> None:
    shop.open(stock={"TEAPOT": 1000, "CUP": 1000})
    for usual in [3, 2, 4] * 5:
        place_in_five_minutes(shop, usual)
    assert ALARM not in shop.cloud.alarms.in_alarm
    for orders, fires in ((5, False), (25, True)):
        for _ in range(2):
            place_in_five_minutes(shop, orders)
        assert (ALARM in shop.cloud.alarms.in_alarm) is fires
