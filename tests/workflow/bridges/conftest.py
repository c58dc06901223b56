"""A stage with both bridges, and the two clouds that it reaches on 127.0.0.1."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.bridges import azure, google
from tests.workflow.bridges.azure import Azure
from tests.workflow.bridges.google import Google
from tests.workflow.bridges.linked_shop import FACTS, LinkedShop
from tests.workflow.shop import PREFIX


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, azure_port: int, google_port: int) -> Path:
    """The stage `dev` with both bridges."""
    origin, other = f"http://127.0.0.1:{azure_port}", f"http://127.0.0.1:{google_port}"
    event_hubs = {
        "facts": list(FACTS),
        "hub_url": f"{origin}/{azure.HUB}",
        "token_url": f"{origin}/{azure.TENANT}/oauth2/v2.0/token",
        "client_id": azure.CLIENT,
        "events_per_second": 100,
    }
    pubsub = google.row(other, other)
    return dev_with(tmp_path_factory, bridges={"event_hubs": event_hubs, "pubsub": pubsub}, dashboards=True)


@pytest.fixture(scope="session")
def azure_port() -> int:
    return _free_port(Azure(lambda: 0.0))


@pytest.fixture(scope="session")
def google_port() -> int:
    return _free_port(Google(lambda: 0.0))


def _free_port(server: Azure | Google) -> int:
    port = server.server_port
    server.stop()
    return port


@pytest.fixture(scope="module")
def deployed(assembly: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        secret = json.dumps({"client_secret": azure.SECRET})
        cloud.client("secretsmanager").create_secret(Name=f"{PREFIX}-event-hubs", SecretString=secret)
        cloud.deploy(assembly)
        yield cloud


@pytest.fixture
def linked(deployed: OfflineCloud, azure_port: int, google_port: int) -> Iterator[LinkedShop]:
    """A new shop, and new clouds beside it."""
    deployed.reset()
    deployed.calls.middleware.clear()
    deployed.services.runtime.sandboxes.drop()
    linked = LinkedShop(deployed, azure_port, google_port)
    yield linked
    linked.close()
