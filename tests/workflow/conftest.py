"""One offline cloud for each file of workflow tests, emptied before each test."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud
from tests.workflow.shop import Shop


@pytest.fixture(scope="module")
def deployed() -> Iterator[OfflineCloud]:
    """The real template, deployed once for a file of tests: two clouds cannot be open at a time."""
    with OfflineCloud.start() as cloud:
        yield cloud


@pytest.fixture
def shop(deployed: OfflineCloud) -> Shop:
    """A freshly opened shop: full shelves, no customers yet, nothing going wrong."""
    deployed.reset()
    deployed.calls.middleware.clear()
    deployed.retry_after = None
    shop = Shop(deployed)
    shop.open()
    return shop
