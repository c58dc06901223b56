"""A small cloud for the tests of the HTTP API, and its server."""

from collections.abc import Iterator

import pytest
from boto_sessions import new_session
from moto import mock_aws
from served_cloud import ServedCloud

from pocketcloud.moto_patches.caching import signing_key
from pocketcloud.moto_patches.moto_patch import apply_patches
from pocketcloud.serving.server import Served, serve


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with mock_aws(), apply_patches(signing_key()):
        cloud = ServedCloud(new_session("testing", "testing"))
        with cloud.clock:
            yield cloud


@pytest.fixture
def served(cloud: ServedCloud) -> Iterator[Served]:
    with serve(cloud, aws_port=0, http_port=0) as served:
        yield served
