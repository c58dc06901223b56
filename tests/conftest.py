"""The tests run the same in every shell, with any settings for AWS, a terminal or Orderbus."""

import os

import pytest

from cli.demo.synthesis import current_assembly

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
    if not hasattr(config, "workerinput"):
        current_assembly()  # once, before the processes that run the tests start
