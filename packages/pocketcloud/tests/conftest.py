"""Settings of the tests of pocketcloud."""

import pytest
from shell_settings import hide_shell_settings


def pytest_configure(config: pytest.Config) -> None:
    """Hide the shell's settings."""
    hide_shell_settings(config)
