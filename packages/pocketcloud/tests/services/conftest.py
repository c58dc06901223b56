"""An empty offline cloud for each test, and a builder of small worlds on it."""

from collections.abc import Iterator

import pytest
from small_world import World

from pocketcloud import OfflineCloud


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud(seed=1) as cloud:
        yield cloud


@pytest.fixture
def world(cloud: OfflineCloud) -> World:
    return World(cloud)
