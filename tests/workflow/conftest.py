"""The shared offline cloud, emptied before each test."""

import pytest

from pocketcloud import OfflineCloud
from tests.shared_cloud import SharedCloud
from tests.workflow.shop import Shop


@pytest.fixture(scope="module")
def deployed(shared_cloud: SharedCloud) -> OfflineCloud:
    """The real template, empty at the start of each file."""
    return shared_cloud.opened()


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    """A new shop: full stock, no orders, no faults."""
    deployed.reset()
    deployed.calls.middleware.clear()
    deployed.retry_after = None
    shop = Shop(deployed)
    shop.open()
    return shop
