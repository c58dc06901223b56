"""What all tests share: a `cdk.out` that is as new as the code it is made from."""

import pytest

from ops.synthesis import current_assembly


def pytest_configure(config: pytest.Config) -> None:
    """Synthesise once, before the processes that run the tests start."""
    if not hasattr(config, "workerinput"):
        current_assembly()
