"""The tests run the same in a developer's shell, with AWS and Orderbus settings of their own."""

import os
import subprocess
import sys


def test_tests_pass_when_the_shell_has_settings() -> None:
    settings = {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "FORCE_COLOR": "1"}
    ours = {"ORDERBUS_TARGET": "offline", "ORDERBUS_STAGE": "prod", "POWERTOOLS_LOG_LEVEL": "DEBUG"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/unit/cli/test_access.py"],
        env={**os.environ, **settings, **ours},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
