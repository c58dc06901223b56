"""An empty offline cloud per test, with helpers to create resources."""

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
