"""The permissions of Kinesis operations.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion

_Read = Callable[[AccountRegion, Mapping[str, Any]], Iterator[AccessRequest]]
_ON_STREAMS = (
    "DescribeStream",
    "DescribeStreamSummary",
    "GetShardIterator",
    "ListShards",
    "MergeShards",
    "PutRecord",
    "PutRecords",
    "SplitShard",
    "UpdateShardCount",
)


def _stream(action: str) -> _Read:
    def read(location: AccountRegion, parameters: Mapping[str, Any]) -> Iterator[AccessRequest]:
        named = parameters.get("StreamARN") or f"stream/{_name(parameters)}"
        yield AccessRequest(f"kinesis:{action}", location.arn("kinesis", named))

    return read


def _name(parameters: Mapping[str, Any]) -> str:
    """Return the stream's name; a page token of ListShards names it, too."""
    name: str = parameters.get("StreamName") or parameters.get("NextToken", "").partition(" ")[0]
    return name


def _iterator(location: AccountRegion, parameters: Mapping[str, Any]) -> Iterator[AccessRequest]:
    """Return the permission on the stream that a shard iterator belongs to."""
    try:
        stream = json.loads(base64.b64decode(parameters["ShardIterator"]))[0]
    except (ValueError, LookupError, TypeError):
        stream = ""  # GetRecords rejects the iterator
    yield AccessRequest("kinesis:GetRecords", location.arn("kinesis", f"stream/{stream}"))


def _all_streams(location: AccountRegion, _: Mapping[str, Any]) -> Iterator[AccessRequest]:
    yield AccessRequest("kinesis:ListStreams", location.arn("kinesis", "*"))


KINESIS_OPERATIONS: Mapping[str, _Read] = {
    **{name: _stream(name) for name in _ON_STREAMS},
    "GetRecords": _iterator,
    "ListStreams": _all_streams,
}
