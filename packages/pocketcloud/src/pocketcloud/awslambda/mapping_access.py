"""What Lambda needs of a function's role to poll for it: checked when a mapping is made, and at every poll.

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
    """Raise as Lambda does if the role may not do what the mapping will need."""
    function, source = function_in(mapping.function_arn), mapping.event_source_arn
    destination = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
    from_queue = source.split(":")[2] == "sqs"
    needed = [(action, source) for action in (_QUEUE if from_queue else _STREAM)]
    if destination:
        needed.append((_SENDS[destination.split(":")[2]], destination))
    for action, resource in needed:
        if engine.access.ask_function(function, action, resource):
            service, _, name = action.partition(":")
            raise LambdaClientError(
                "InvalidParameterValueException",
                f"The function execution role does not have permissions to call {name} on {service.upper()}",
            )


class Poll:
    """Whether a mapping may poll; once refused it waits until something in the account has changed."""

    def __init__(self, engine: Engine, mapping: EventSourceMapping, *actions: str) -> None:
        self._access = engine.access
        self._mapping = mapping
        self._actions = actions
        self._refused_in: int | None = None

    @property
    def waits(self) -> bool:
        """Whether it was refused under the policies that are still in force."""
        return self._refused_in == self._access.generation

    def may(self, *actions: str) -> bool:
        """Ask for these actions on the source, or for all that a poll needs."""
        function = function_in(self._mapping.function_arn)
        for action in actions or self._actions:
            if self._access.ask_function(function, action, self._mapping.event_source_arn):
                if not actions:
                    self._refused_in = self._access.generation
                return False
        return True
