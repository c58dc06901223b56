"""Pytest fixtures for a deployed app; `--pocketcloud-assembly` sets its folder (default: `cdk.out`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pocketcloud.cloud import ASSEMBLY, OfflineCloud


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--pocketcloud-assembly`."""
    parser.addoption(
        "--pocketcloud-assembly", type=Path, default=ASSEMBLY, help="Folder of the cloud assembly."
    )


@pytest.fixture(scope="session")
def deployed_cloud(pytestconfig: pytest.Config) -> Iterator[OfflineCloud]:
    """Deploy the assembly once per session."""
    with OfflineCloud.start(assembly=pytestconfig.getoption("--pocketcloud-assembly")) as cloud:
        yield cloud


@pytest.fixture
def offline_cloud(deployed_cloud: OfflineCloud) -> OfflineCloud:
    """Return the deployed cloud with empty tables, queues and journal."""
    deployed_cloud.reset()
    return deployed_cloud
