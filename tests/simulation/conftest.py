"""The shared offline cloud; every run empties it first."""

import pytest

from pocketcloud import OfflineCloud
from tests.shared_cloud import SharedCloud


@pytest.fixture(scope="module")
def cloud(shared_cloud: SharedCloud) -> OfflineCloud:
    """The real template, empty at the start of each file."""
    return shared_cloud.opened()
