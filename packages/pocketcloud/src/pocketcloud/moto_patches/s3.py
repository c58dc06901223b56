"""S3: moto stores buckets and objects; `BucketNotifications` delivers notifications."""

import json
from types import ModuleType
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3 import notifications as moto_notifications
from moto.s3.models import FakeBucket
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
        MotoPatch(FakeBucket, "get_permission", "self action resource", _permission),
        MotoPatch(S3Response, "put_object_tagging", "self", put_object_tagging),
        MotoPatch(owner, "send_event", "account_id event_name bucket key", send_event),
    ]


def _permission(bucket: FakeBucket, call: Call) -> PermissionResult:
    """Return whether the bucket's policy lets everybody do this: moto asks for anonymous requests.

    moto reads no condition, and a Deny for unencrypted transport would apply to all requests. Access control
    has evaluated the policy for every caller who has permissions of their own.
    """
    document = json.loads(bucket.policy.decode()) if bucket.policy else {"Statement": []}
    given = document["Statement"]
    statements = [each for each in (given if isinstance(given, list) else [given]) if _is_for_everybody(each)]
    allowing = IAMPolicy({"policy_document": json.dumps({"Statement": statements})})
    return allowing.is_action_permitted(call["action"], call["resource"])


def _is_for_everybody(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    is_anybody = principal == "*" or (isinstance(principal, dict) and principal.get("AWS") == "*")
    return statement["Effect"] == "Allow" and is_anybody and "Condition" not in statement
