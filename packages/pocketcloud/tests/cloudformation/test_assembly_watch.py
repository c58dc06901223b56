"""`up --assembly` deploys again when `cdk synth` has changed the assembly."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pocketcloud import OfflineCloud
from pocketcloud.serving.assembly_watch import fingerprint, watching

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
INTERVAL_SECONDS = 0.01


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


def shop(*queues: str) -> dict[str, Any]:
    named = {name: {**QUEUE, "Properties": {"QueueName": name}} for name in queues}
    return {"shop": {"Resources": named}}


def wait_for(reports: list[str], count: int) -> str:
    deadline = time.monotonic() + 60  # on a busy machine a deployment takes seconds
    while len(reports) < count and time.monotonic() < deadline:
        time.sleep(INTERVAL_SECONDS)
    return reports[count - 1]


def test_watch_deploys_a_changed_assembly(cloud: OfflineCloud, write_assembly: Callable[..., Path]) -> None:
    folder = write_assembly(shop("a"))
    cloud.deploy(folder)
    reports: list[str] = []
    with watching(cloud, folder, reports.append, INTERVAL_SECONDS):
        write_assembly(shop("a", "b"))
        assert wait_for(reports, 1).endswith("deployed again:\nshop/b (AWS::SQS::Queue) was created")
        write_assembly({"shop": {"Resources": {"a": {"Type": "AWS::EC2::Instance"}}}})
        assert "changed, but was not deployed: not supported offline" in wait_for(reports, 2)
        write_assembly(shop("b"))
        assert wait_for(reports, 3).splitlines()[1].startswith("shop/a (AWS::SQS::Queue)")
    assert len(cloud.client("sqs").list_queues()["QueueUrls"]) == 1


def test_watch_waits_until_the_assembly_is_written(
    cloud: OfflineCloud, write_assembly: Callable[..., Path]
) -> None:
    folder = write_assembly(shop("a"))
    cloud.deploy(folder)
    reports: list[str] = []
    with watching(cloud, folder, reports.append, INTERVAL_SECONDS):
        (folder / "manifest.json").write_text("{")
        assert fingerprint(folder) is None
        time.sleep(5 * INTERVAL_SECONDS)
        assert reports == []
        write_assembly(shop("a", "b"))
        assert wait_for(reports, 1).endswith("shop/b (AWS::SQS::Queue) was created")
