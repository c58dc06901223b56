"""A small cloud for the tests of the HTTP API."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from small_cloud import REGION, SmallCloud


@pytest.fixture
def cloud() -> Iterator[SmallCloud]:
    with mock_aws():
        cloud = SmallCloud(boto3.Session("testing", "testing", region_name=REGION))
        with cloud.clock:
            yield cloud
