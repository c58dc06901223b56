"""Changes and deletion of Kinesis data streams.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesis-stream.html
"""

from pocketcloud.cloudformation.resources.kinesis import DEFAULT_RETENTION_HOURS
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_DEFAULT_MODE = {"StreamMode": "PROVISIONED"}


def _update_stream(existing: Existing, request: CreateRequest) -> Created:
    client, old, new = existing.client("kinesis"), existing.properties, request.properties
    stream = {"StreamName": existing.physical_id}
    mode = new.get("StreamModeDetails", _DEFAULT_MODE)
    if mode != old.get("StreamModeDetails", _DEFAULT_MODE):
        client.update_stream_mode(StreamARN=existing.attributes["Arn"], StreamModeDetails=mode)
    count = new.get("ShardCount")
    if count is not None and count != old.get("ShardCount"):
        client.update_shard_count(**stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
    hours = [int(each.get("RetentionPeriodHours", DEFAULT_RETENTION_HOURS)) for each in (old, new)]
    if hours[1] > hours[0]:
        client.increase_stream_retention_period(**stream, RetentionPeriodHours=hours[1])
    if hours[1] < hours[0]:
        client.decrease_stream_retention_period(**stream, RetentionPeriodHours=hours[1])
    return existing.created


def _delete_stream(existing: Existing) -> None:
    existing.client("kinesis").delete_stream(StreamName=existing.physical_id)


LIFECYCLES = {
    "AWS::Kinesis::Stream": Lifecycle(
        update=_update_stream,
        delete=_delete_stream,
        replaces=frozenset({"Name"}),
        unsupported=frozenset({"MaxRecordSizeInKiB", "StreamEncryption"}),
        custom_name="Name",
    )
}
