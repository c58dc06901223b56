"""A small cloud for the tests of the HTTP API, and its server."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from served_cloud import ServedCloud
from small_cloud import REGION

from pocketcloud.serving.server import Served, serve


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
