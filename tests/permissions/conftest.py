"""The shared offline cloud, and a shop on it, as for the workflow tests."""

from pathlib import Path

import pytest

from tests.assemblies import dev_with
from tests.infrastructure.conftest import FORWARD, INGRESS_ACCOUNTS
from tests.workflow.conftest import deployed, shop

__all__ = ["deployed", "shop"]


@pytest.fixture(scope="session")
def open_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage `dev`, forwarding to a bus, and its ingress bus open to two accounts."""
    return dev_with(tmp_path_factory, ingress_accounts=INGRESS_ACCOUNTS, forward=FORWARD[:1])
