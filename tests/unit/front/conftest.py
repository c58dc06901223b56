"""The small cloud that the tests of the HTTP front share."""

from collections.abc import Iterator

import boto3
import pytest
import time_machine
from moto import mock_aws

from tests.unit.front.small_cloud import NOON, REGION, SmallCloud


@pytest.fixture
def cloud() -> Iterator[SmallCloud]:
    session = boto3.Session("testing", "testing", region_name=REGION)
    with time_machine.travel(NOON, tick=False), mock_aws():
        yield SmallCloud(session)
