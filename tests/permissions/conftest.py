"""The deployed shop whose permissions are proved, one for each file of tests."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from tests.workflow.shop import Shop


@pytest.fixture(scope="module")
def deployed() -> Iterator[OfflineCloud]:
    with OfflineCloud.start() as cloud:
        yield cloud


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    deployed.reset()
    deployed.calls.middleware.clear()
    shop = Shop(deployed)
    shop.open()
    return shop
