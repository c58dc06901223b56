"""The small cloud that the tests of the HTTP front share, and its server."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from offline.server import Served, serve
from tests.unit.front.served_cloud import ServedCloud
from tests.unit.front.small_cloud import REGION


@pytest.fixture
def cloud() -> Iterator[ServedCloud]:
    with mock_aws():
        cloud = ServedCloud(boto3.Session("testing", "testing", region_name=REGION))
        with cloud.clock:
            yield cloud


@pytest.fixture
def served(cloud: ServedCloud) -> Iterator[Served]:
    with serve(cloud, aws_port=0, http_port=0) as served:
        yield served
