"""Intercept the boto3 calls of functions: count them, authorize them and pass them to test middleware."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from pocketcloud.core.fast_path import shorten
from pocketcloud.core.resource_api import as_sent, is_resource
from pocketcloud.core.stubs import Stubs
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_denied import CallAttempt, run_as_administrator, run_if_permitted

Response = dict[str, Any]


class Crash(BaseException):
    """Kill the sandbox: middleware raises this before or after `proceed()`.

    It does not derive from `Exception`, so no handler in the function catches it by mistake.
    """


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One AWS call of a function, with botocore's service and operation names."""

    function: str
    service: str
    operation: str
    parameters: Mapping[str, Any]


Middleware = Callable[[AwsCall, Callable[[], Response]], Response]


class AwsCalls:
    """Counts calls by name (`dynamodb.PutItem`); also logs them while `keep` is set."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.log: list[AwsCall] = []
        self.keep = False
        self.middleware: list[Middleware] = []

    def make(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        """Make the call through the middleware; the first one is outermost."""
        self.counts[f"{call.service}.{call.operation}"] += 1
        if self.keep:
            self.log.append(call)
        for middleware in reversed(self.middleware):
            proceed = partial(middleware, call, proceed)
        return proceed()

    def clear(self) -> None:
        """Reset the counts and the log; keep the middleware."""
        self.counts.clear()
        self.log.clear()


@contextmanager
def intercept_calls(
    running: Callable[[], str | None],
    make: Callable[[AwsCall, Callable[[], Response]], Response],
    access: AccessControl,
    stubs: Stubs,
) -> Iterator[None]:
    """Authorize every boto3 call of the running function and send it through `make`.

    An outside client has the permissions of its role, or the administrator's if it has none.
    """
    # Every botocore client calls this private method; the type stubs lack it.
    original: Callable[..., Response] = vars(BaseClient)["_make_api_call"]

    def make_api_call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Response:
        stubs.check(client.meta.service_model.service_name, operation)
        function = None if access.is_outside(client) else running()
        if function is None:
            principal = access.principal_of(client)
            if principal is None:
                return run_as_administrator(
                    access, client, operation, partial(_send, original, client, operation, parameters)
                )
            attempt = CallAttempt(principal, client, operation, parameters)
            with access.calling(principal):
                return run_if_permitted(access, attempt, partial(_send, original, client, operation))
        send = partial(_send, original, client, operation)
        if is_resource(client):
            # Its handlers convert Python values to DynamoDB's while the request is built.
            sent, parameters = parameters, as_sent(client, operation, parameters)
            send = partial(_send_unchanged, original, client, operation, sent)
        attempt = CallAttempt(access.function_code(function), client, operation, parameters)
        call = AwsCall(function, attempt.service, operation, parameters)
        return make(call, partial(run_if_permitted, access, attempt, send))

    with patch.object(BaseClient, "_make_api_call", make_api_call):
        yield


def _send_unchanged(
    original: Callable[..., Response],
    client: BaseClient,
    operation: str,
    parameters: dict[str, Any],
    _: Mapping[str, Any],
) -> Response:
    return original(client, operation, parameters)


def _send(
    original: Callable[..., Response], client: BaseClient, operation: str, parameters: dict[str, Any]
) -> Response:
    return shorten(client, operation, parameters, partial(original, client, operation, parameters))
