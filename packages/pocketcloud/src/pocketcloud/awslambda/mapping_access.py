"""The permissions of a function's role that a mapping needs, checked at creation and at every poll.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping

from pocketcloud.core.engine import Engine, function_in

_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_STREAM = (
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
)
_SENDS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def check_role(mapping: EventSourceMapping, engine: Engine) -> None:
    """Raise LambdaClientError if the role lacks a permission that the mapping needs."""
    function, source = function_in(mapping.function_arn), mapping.event_source_arn
    destination = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
    from_queue = source.split(":")[2] == "sqs"
    needed = [(action, source) for action in (_QUEUE if from_queue else _STREAM)]
    if destination:
        needed.append((_SENDS[destination.split(":")[2]], destination))
    for action, resource in needed:
        if engine.access.authorize_function(function, action, resource):
            service, _, name = action.partition(":")
            raise LambdaClientError(
                "InvalidParameterValueException",
                f"The function execution role does not have permissions to call {name} on {service.upper()}",
            )


class PollPermission:
    """A mapping's permission to poll; after a denial it waits until policies change."""

    def __init__(self, engine: Engine, mapping: EventSourceMapping, *actions: str) -> None:
        self._access = engine.access
        self._mapping = mapping
        self._actions = actions
        self._denied_generation: int | None = None

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""
        return self._denied_generation == self._access.generation

    def check(self, *actions: str) -> bool:
        """Return whether these actions on the source, or all that a poll needs, are allowed."""
        function = function_in(self._mapping.function_arn)
        for action in actions or self._actions:
            if self._access.authorize_function(function, action, self._mapping.event_source_arn):
                if not actions:
                    self._denied_generation = self._access.generation
                return False
        return True
