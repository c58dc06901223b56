"""One offline cloud for each file of simulation tests; every run empties it first."""

from collections.abc import Iterator

import pytest

from pocketcloud import OfflineCloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[OfflineCloud]:
    """The real template, deployed once for a file of tests."""
    with OfflineCloud.start() as cloud:
        yield cloud
