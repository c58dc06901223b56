"""The events of S3's notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from typing import Any
from urllib.parse import quote_plus

from moto.s3.models import FakeBucket, FakeKey

from pocketcloud.core.engine import UnsupportedOfflineError

_DETAILS = {
    "s3:ObjectCreated:Put": ("Object Created", "PutObject"),
    "s3:ObjectCreated:Post": ("Object Created", "POST Object"),
    "s3:ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "s3:ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "s3:ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
    "s3:ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject"),
    "s3:ObjectAcl:Put": ("Object ACL Updated", None),
    "s3:ObjectTagging:Put": ("Object Tags Added", None),
    "s3:ObjectTagging:Delete": ("Object Tags Deleted", None),
}
_DELETIONS = {
    "s3:ObjectRemoved:Delete": "Permanently Deleted",
    "s3:ObjectRemoved:DeleteMarkerCreated": "Delete Marker Created",
}
_SEQUENCER = "0055AED6DCD90281E5"
_REQUESTER = "offline"


def notification(name: str, bucket: FakeBucket, key: FakeKey, configuration: str, at: str) -> dict[str, Any]:
    """Return the message for a function, a queue or a topic."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": at,
        "eventName": name.removeprefix("s3:"),
        "userIdentity": {"principalId": _REQUESTER},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": _REQUESTER, "x-amz-id-2": _REQUESTER},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": _REQUESTER},
                "arn": bucket.arn,
            },
            "object": {"key": quote_plus(key.name, safe="/"), **_contents(name, key, "eTag")},
        },
    }
    return {"Records": [record]}


def bridge_event(name: str, bucket: str, key: FakeKey, at: str) -> dict[str, Any]:
    """Return the event for EventBridge, without id and place."""
    if name not in _DETAILS:
        raise UnsupportedOfflineError(f"bucket {bucket}: EventBridge event {name} is not supported offline")
    title, reason = _DETAILS[name]
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {"key": key.name, **_contents(name, key, "etag")},
        "request-id": _REQUESTER,
        "requester": _REQUESTER,
        "source-ip-address": "127.0.0.1",
        "reason": reason,
        "deletion-type": _DELETIONS.get(name),
    }
    return {
        "version": "0",
        "detail-type": title,
        "source": "aws.s3",
        "time": f"{at[:19]}Z",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {part: value for part, value in detail.items() if value is not None},
    }


def _contents(name: str, key: FakeKey, etag: str) -> dict[str, Any]:
    """Return size, checksum and sequencer; S3 shows the contents of objects that exist."""
    if name.startswith("s3:ObjectRemoved:"):
        return {"sequencer": _SEQUENCER}
    return {"size": key.size, etag: key.etag.strip('"'), "sequencer": _SEQUENCER}
