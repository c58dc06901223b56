"""What the functions asked of AWS: every boto3 call they make, counted, and open to a test's middleware."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from offline.permissions.access import AccessControl
from offline.permissions.refusal import Attempt, administered, permitted
from offline.shortcut import shortened

Response = dict[str, Any]


class Crash(BaseException):
    """The sandbox dies here: raised by a middleware before or after `proceed()`.

    No `Exception`, so that nothing in the function can catch it by mistake and live on.
    """


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One request of a function to an AWS service, with botocore's names."""

    function: str
    service: str
    operation: str
    parameters: Mapping[str, Any]


Middleware = Callable[[AwsCall, Callable[[], Response]], Response]


class AwsCalls:
    """Counts the calls as `dynamodb.PutItem`; keeps them too while `keep` is set."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.log: list[AwsCall] = []
        self.keep = False
        self.middleware: list[Middleware] = []

    def make(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        """Carry out the call through the middleware, the first one outermost."""
        self.counts[f"{call.service}.{call.operation}"] += 1
        if self.keep:
            self.log.append(call)
        for middleware in reversed(self.middleware):
            proceed = partial(middleware, call, proceed)
        return proceed()

    def clear(self) -> None:
        """Forget what was counted; the middleware stays."""
        self.counts.clear()
        self.log.clear()


@contextmanager
def intercepted(
    running: Callable[[], str | None],
    make: Callable[[AwsCall, Callable[[], Response]], Response],
    access: AccessControl,
) -> Iterator[None]:
    """Send every boto3 call of the function that is running through `make`, and as far as its role allows.

    A client outside that acts in the name of a role is held to it; any other is the administrator's.
    """
    # Every botocore client passes this one private method; the stubs do not know it.
    original: Callable[..., Response] = vars(BaseClient)["_make_api_call"]

    def through(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Response:
        function = None if access.is_outside(client) else running()
        if function is None:
            principal = access.principal_of(client)
            if principal is None:
                return administered(
                    access, client, operation, partial(original, client, operation, parameters)
                )
            attempt = Attempt(principal, client, operation, parameters)
            with access.calling(principal):
                return permitted(access, attempt, partial(original, client, operation))
        send = partial(_sent, original, client, operation)
        attempt = Attempt(access.function(function), client, operation, parameters)
        call = AwsCall(function, attempt.service, operation, parameters)
        return make(call, partial(permitted, access, attempt, send))

    with patch.object(BaseClient, "_make_api_call", through):
        yield


def _sent(
    original: Callable[..., Response], client: BaseClient, operation: str, parameters: dict[str, Any]
) -> Response:
    return shortened(client, operation, parameters, partial(original, client, operation, parameters))
