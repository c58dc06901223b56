"""Tests run the same in every shell, with any settings for AWS or a terminal."""

import os
import sys

import pytest

_PREFIXES = ("AWS_", "BOTO", "MOTO_", "POWERTOOLS_", "TEST_SERVER_MODE", "TEST_PROXY_MODE")
_OTHERS = ("COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LINES", "LOG_LEVEL", "NO_COLOR", "PY_COLORS")
_SLOW = "PYTHONDONTWRITEBYTECODE"
"""Without bytecode each of the many processes compiles moto and the CDK again."""


def hide_shell_settings(config: pytest.Config, *also: str) -> pytest.MonkeyPatch:
    """Hide the settings from tests and their subprocesses, and have no AWS profile at all."""
    patch = pytest.MonkeyPatch()
    for name in [
        name for name in os.environ if name.startswith(_PREFIXES) or name in (*_OTHERS, _SLOW, *also)
    ]:
        patch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        patch.setenv(name, os.devnull)
    patch.setattr(sys, "dont_write_bytecode", False)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    config.add_cleanup(patch.undo)
    return patch
