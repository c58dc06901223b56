"""Data streams in templates: their settings, their changes, and what is rejected."""

from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import Resources

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError, UnsupportedChange

Deploy = Callable[..., tuple[str, ...]]


def stream(**properties: Any) -> Resources:
    return {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "s", **properties}}}


def summary(cloud: OfflineCloud) -> dict[str, Any]:
    described = cloud.client("kinesis").describe_stream_summary(StreamName="s")
    found: dict[str, Any] = described["StreamDescriptionSummary"]
    return found


def test_stream_has_the_templates_settings(cloud: OfflineCloud, deploy: Deploy) -> None:
    encryption = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    deploy(stream(ShardCount=3, RetentionPeriodHours=168, StreamEncryption=encryption))
    shown = summary(cloud)
    assert (shown["OpenShardCount"], shown["RetentionPeriodHours"]) == (3, 168)
    assert (shown["EncryptionType"], shown["KeyId"]) == ("KMS", "alias/aws/kinesis")


def test_stream_keeps_its_records_when_it_is_resized(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(stream(ShardCount=2))
    client = cloud.client("kinesis")
    shard = client.put_record(StreamName="s", PartitionKey="k", Data=b"x")["ShardId"]
    deploy(stream(ShardCount=3, RetentionPeriodHours=48))
    assert (summary(cloud)["OpenShardCount"], summary(cloud)["RetentionPeriodHours"]) == (3, 48)
    start = {"StreamName": "s", "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    token = client.get_shard_iterator(**start)["ShardIterator"]
    assert [each["Data"] for each in client.get_records(ShardIterator=token)["Records"]] == [b"x"]


def test_stream_changes_its_capacity_mode(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(stream(ShardCount=1))
    deploy(stream(StreamModeDetails={"StreamMode": "ON_DEMAND"}))
    assert summary(cloud)["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}


def test_stream_change_is_rejected_by_name_when_unsupported(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(stream(ShardCount=1))
    with pytest.raises(UnsupportedChange, match="MaxRecordSizeInKiB"):
        deploy(stream(ShardCount=1, MaxRecordSizeInKiB=2048))
    assert summary(cloud)["MaxRecordSizeInKiB"] == 1024


def test_stream_property_is_rejected_by_name_when_unsupported(deploy: Deploy) -> None:
    with pytest.raises(DeployError, match="WarmThroughputMiBps"):
        deploy(stream(StreamModeDetails={"StreamMode": "ON_DEMAND"}, WarmThroughputMiBps=10))
