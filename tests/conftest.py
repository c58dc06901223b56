"""The tests run the same in every shell, with any settings for AWS, a terminal or Orderbus."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.demo.synthesis import current_assembly

if TYPE_CHECKING:
    from tests.shared_cloud import SharedCloud

_SHARED = pytest.StashKey["SharedCloud"]()
_BORROWERS = pytest.StashKey[set[Path]]()
_PREFIXES = ("AWS_", "BOTO", "MOTO_", "POWERTOOLS_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")
_TERMINAL = ("COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LINES", "NO_COLOR", "PY_COLORS")
_OURS = ("LOG_LEVEL", "ORDERBUS_STAGE", "ORDERBUS_TARGET", "ORDERBUS_TOKEN", "ORDERBUS_URL")


def pytest_configure(config: pytest.Config) -> None:
    """Hide the shell's settings from tests and their subprocesses, and have no AWS profile at all."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(_PREFIXES) or name in (*_TERMINAL, *_OURS)]:
        patch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        patch.setenv(name, os.devnull)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("CONTRACTS", "functions.contracts.registry")
    config.add_cleanup(patch.undo)
    from tests.shared_cloud import SharedCloud  # noqa: PLC0415 - moto reads the environment when imported

    config.stash[_SHARED] = SharedCloud()
    config.add_cleanup(config.stash[_SHARED].close)
    if not hasattr(config, "workerinput"):
        current_assembly()  # once, before the processes that run the tests start


@pytest.fixture(scope="session")
def shared_cloud(request: pytest.FixtureRequest) -> "SharedCloud":
    """The offline cloud of this process."""
    return request.config.stash[_SHARED]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the shared cloud before a file that does without it: that file may open an account of its own."""
    if nextitem is None or nextitem.path not in _borrowers(item.session):
        item.config.stash[_SHARED].close()


def _borrowers(session: pytest.Session) -> set[Path]:
    """Return the files with a test of the shared cloud."""
    if _BORROWERS not in session.stash:
        session.stash[_BORROWERS] = {
            item.path for item in session.items if "shared_cloud" in getattr(item, "fixturenames", ())
        }
    return session.stash[_BORROWERS]
