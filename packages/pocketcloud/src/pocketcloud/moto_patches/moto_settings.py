"""moto inside this process, with its own defaults for the settings that it reads when it is imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto import mock_aws, settings


@contextmanager
def mocked_in_process() -> Iterator[None]:
    """Run moto as a mock, although TEST_SERVER_MODE would send every request to a server.

    https://docs.getmoto.org/en/latest/docs/server_mode.html
    """
    with (
        patch.object(settings, "TEST_SERVER_MODE", new=False),
        patch.object(settings, "INITIAL_NO_AUTH_ACTION_COUNT", float("inf")),
        mock_aws(),
    ):
        yield
