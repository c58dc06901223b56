"""One offline cloud for all workflow tests of a process, emptied before each."""

from collections.abc import Iterator

import pytest

from offline import OfflineCloud
from tests.workflow.shop import Shop


@pytest.fixture(scope="session")
def deployed() -> Iterator[OfflineCloud]:
    """The real template, deployed once."""
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
