"""Settings of the tests of pocketcloud."""

import pytest
from hypothesis_profile import ignore_times
from shell_settings import hide_shell_settings


def pytest_configure(config: pytest.Config) -> None:
    """Hide the shell's settings, and let each example take its time."""
    ignore_times()
    hide_shell_settings(config)
