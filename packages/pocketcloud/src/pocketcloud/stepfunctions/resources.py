"""The resources of Task states: a function, or an action of a service.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pocketcloud.core.sdk_names import SERVICES

_ACTION = re.compile(
    r"arn:aws:states:[^:]*:[^:]*:(?P<service>[\w-]+(?::[\w-]+)?):(?P<action>\w+)(?P<pattern>\.\w+)?"
)
_FUNCTION = re.compile(r"arn:aws:lambda:[^:]*:[^:]*:function:[\w-]+(:[\w$-]+)?")
CALLBACK = ".waitForTaskToken"
OPTIMIZED: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("deleteItem", "getItem", "putItem", "updateItem"),
    "events": ("putEvents",),
    "lambda": ("invoke",),
    "sns": ("publish",),
    "sqs": ("sendMessage",),
    "states": ("startExecution",),
}
"""The supported actions of optimized integrations."""
_WITH_TOKEN = ("events", "lambda", "sns", "sqs")
SDK = "aws-sdk:"
_SDK_SERVICES = frozenset(
    {
        "cloudwatch",
        "cognitoidentityprovider",
        "dynamodb",
        "eventbridge",
        "kinesis",
        "lambda",
        "s3",
        "scheduler",
        "secretsmanager",
        "sesv2",
        "sns",
        "sqs",
        "ssm",
    }
)
"""The services of `aws-sdk` tasks."""


@dataclass(frozen=True, slots=True)
class TaskResource:
    """A parsed resource; `function` is the ARN of a function that is named directly."""

    service: str
    action: str
    function: str = ""
    is_sdk: bool = False
    waits: bool = False
    """Whether the state waits until its token is sent back."""


def read_resource(arn: str) -> TaskResource | None:
    """Return the resource; None if it is not supported."""
    if _FUNCTION.fullmatch(arn):
        return TaskResource("lambda", "invoke", function=arn)
    found = _ACTION.fullmatch(arn)
    if found is None:
        return None
    service, action, pattern = found["service"], found["action"], found["pattern"]
    waits = pattern == CALLBACK
    if service.startswith(SDK):
        name = service.removeprefix(SDK)
        is_supported = name in _SDK_SERVICES and pattern is None
        return TaskResource(SERVICES[name], action, is_sdk=True) if is_supported else None
    if action not in OPTIMIZED.get(service, ()) or (pattern and not (waits and service in _WITH_TOKEN)):
        return None
    return TaskResource(service, action, waits=waits)


def unsupported_resource(arn: str) -> str | None:
    """Return why the resource is not supported; None if it is."""
    return None if read_resource(arn) else f"the Resource {arn}"
