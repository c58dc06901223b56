"""S3: moto stores buckets and objects; `BucketNotifications` delivers notifications."""

from types import ModuleType
from typing import Any

from moto.s3 import notifications as moto_notifications
from moto.s3.responses import S3Response

from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.s3.notifications import BucketNotifications

_TAGGED = "s3:ObjectTagging:Put"


def patches(notifications: BucketNotifications) -> list[MotoPatch]:
    """Return the patches to moto's S3."""
    owner: ModuleType = moto_notifications
    tag = S3Response.put_object_tagging
    tagging: list[S3Response] = []

    def put_object_tagging(response: S3Response, _: Call) -> Any:
        tagging.append(response)
        try:
            return tag(response)
        finally:
            tagging.pop()

    def send_event(_account: object, call: Call) -> None:
        name = call["event_name"].value
        # moto tags an object also when it stores one.
        if name != _TAGGED or tagging:
            notifications.notify(name, call["bucket"], call["key"])

    return [
        MotoPatch(S3Response, "put_object_tagging", "self", put_object_tagging),
        MotoPatch(owner, "send_event", "account_id event_name bucket key", send_event),
    ]
