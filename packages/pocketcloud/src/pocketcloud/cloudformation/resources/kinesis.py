"""Kinesis data streams."""

from typing import Any

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

DEFAULT_RETENTION_HOURS = 24


def _create_stream(request: CreateRequest) -> Created:
    client, name = request.client("kinesis"), request.name("Name", max_characters=128)
    client.create_stream(
        StreamName=name, **request.pick("ShardCount", "StreamModeDetails", "MaxRecordSizeInKiB")
    )
    hours = int(request.properties.get("RetentionPeriodHours", DEFAULT_RETENTION_HOURS))
    if hours != DEFAULT_RETENTION_HOURS:
        client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    encryption: dict[str, Any] | None = request.properties.get("StreamEncryption")
    if encryption:
        client.start_stream_encryption(StreamName=name, **encryption)
    return Created(ref=name, attributes={"Arn": request.account.arn("kinesis", f"stream/{name}")})


TYPES = (
    ResourceType(
        name="AWS::Kinesis::Stream",
        create=_create_stream,
        supported=frozenset(
            {
                "MaxRecordSizeInKiB",
                "Name",
                "RetentionPeriodHours",
                "ShardCount",
                "StreamEncryption.EncryptionType",
                "StreamEncryption.KeyId",
                "StreamModeDetails.StreamMode",
            }
        ),
        ignored={
            **TAGS,
            "DesiredShardLevelMetrics": "metrics of single shards are not recorded offline",
        },
        not_enforced="encryption; an on-demand stream keeps its four shards, and a mapping's polls do not"
        " count towards a shard's five reads per second",
    ),
)
