"""An empty cloud, and a function that deploys a stack into it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import rest_stack

from pocketcloud import OfflineCloud

DeployRest = Callable[[dict[str, Any]], tuple[str, ...]]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


@pytest.fixture
def deploy(cloud: OfflineCloud, tmp_path: Path) -> DeployRest:
    return partial(rest_stack.deploy, cloud, tmp_path)
