"""The permissions of EventBridge Scheduler operations.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion

_Read = Callable[[AccountRegion, Mapping[str, Any]], Iterator[AccessRequest]]


def schedule(action: str) -> _Read:
    """Return a reader for an action on one schedule; handing over a role needs iam:PassRole as well.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html
    """

    def read(location: AccountRegion, parameters: Mapping[str, Any]) -> Iterator[AccessRequest]:
        path = f"schedule/{parameters.get('GroupName', 'default')}/{parameters['Name']}"
        yield AccessRequest(f"scheduler:{action}", location.arn("scheduler", path))
        if "Target" in parameters:
            context = {"iam:passedtoservice": "scheduler.amazonaws.com"}
            yield AccessRequest("iam:PassRole", parameters["Target"]["RoleArn"], context)

    return read
