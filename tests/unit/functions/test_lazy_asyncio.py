"""A log line imports no asyncio, which would be a tenth of a cold start; Python 3.12 and newer ask it."""

import subprocess
import sys

LOG_A_LINE = """
import sys
import functions.shared.runtime
from aws_lambda_powertools import Logger
Logger(service="orders").info("placed")
print("asyncio.events" in sys.modules)
"""


def test_log_line_imports_no_asyncio() -> None:
    done = subprocess.run([sys.executable, "-c", LOG_A_LINE], capture_output=True, text=True, check=True)
    *_, line, imported = done.stdout.splitlines()
    assert '"placed"' in line
    assert imported == "False"
