"""A pytest fixture of your deployed app; `--pocketcloud-assembly` names another folder than `cdk.out`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pocketcloud.cloud import ASSEMBLY, OfflineCloud


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare where the cloud assembly is."""
    parser.addoption(
        "--pocketcloud-assembly", type=Path, default=ASSEMBLY, help="The cloud assembly's folder."
    )


@pytest.fixture(scope="session")
def deployed_cloud(pytestconfig: pytest.Config) -> Iterator[OfflineCloud]:
    """Deploy the assembly once for the whole session."""
    with OfflineCloud.start(assembly=pytestconfig.getoption("--pocketcloud-assembly")) as cloud:
        yield cloud


@pytest.fixture
def offline_cloud(deployed_cloud: OfflineCloud) -> OfflineCloud:
    """Return the deployed cloud with empty tables, queues and journal."""
    deployed_cloud.reset()
    return deployed_cloud
