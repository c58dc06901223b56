"""The tests with real brokers run in `make neighbours` only: starting them would make `make test` longer."""

import os
from pathlib import Path

import pytest

VARIABLE = "NEIGHBOURS"
"""Set by `python -m tests.neighbours`."""
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of this folder in other runs, with the reason."""
    if os.environ.get(VARIABLE):
        return
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.skip(reason="it needs a broker: run `make neighbours`"))
