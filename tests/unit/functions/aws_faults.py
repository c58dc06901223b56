"""Faults of AWS: calls that fail, and sandboxes that crash before or after one."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from typing import Any, Protocol

import pytest
from botocore.exceptions import ReadTimeoutError

a_crash_publishes_no_metrics = pytest.mark.filterwarnings(
    # Powertools warns of it if a sandbox crashes before its first metric.
    "ignore:No application metrics to publish:UserWarning"
)


class Dying(Protocol):
    """`dying_before` or `dying_after`."""

    def __call__(self, client: Any, *, nth: int = 0) -> AbstractContextManager[None]: ...


class Crash(BaseException):
    """A crash of the sandbox, which no `except Exception` catches."""


class _HttpResponse:
    """The part of an HTTP response that botocore reads."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status_code = int(status)


@contextmanager
def responding(
    client: Any, operation: str, parsed: dict[str, Any], status: HTTPStatus = HTTPStatus.OK
) -> Iterator[None]:
    """Respond to every such call with `parsed`, without effect."""
    with _hook(client, "before-call", operation, lambda **_: (_HttpResponse(status), parsed)):
        yield


@contextmanager
def failing(client: Any, operation: str, code: str, reasons: Sequence[str] = ()) -> Iterator[None]:
    """Fail every such call with that error code, without effect."""
    with responding(client, operation, _error(code, reasons), HTTPStatus.BAD_REQUEST):
        yield


@contextmanager
def silent(client: Any, operation: str) -> Iterator[list[str]]:
    """Lose the response of every such call, which has its effect; yield the attempts."""
    attempts: list[str] = []

    def lose(**_: Any) -> None:
        attempts.append(operation)
        raise ReadTimeoutError(endpoint_url="https://aws.example")

    with _hook(client, "before-send", operation, lose):
        yield attempts


@contextmanager
def in_conflict(client: Any, *, times: int) -> Iterator[None]:
    """Fail the first `times` transactions with a conflict, without effect."""
    error = _error("TransactionCanceledException", ["TransactionConflict", "None"])
    left = [(_HttpResponse(HTTPStatus.BAD_REQUEST), error)] * times
    with _hook(client, "before-call", "TransactWriteItems", lambda **_: left.pop() if left else None):
        yield


def _error(code: str, reasons: Sequence[str]) -> dict[str, Any]:
    parsed: dict[str, Any] = {"Error": {"Code": code, "Message": "on a bad day"}}
    if reasons:
        parsed["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return parsed


@contextmanager
def dying_before(client: Any, *, nth: int = 0) -> Iterator[None]:
    """Crash the sandbox before its nth call, counted from 0."""
    with _hook(client, "before-call", "", _deadly(nth)):
        yield


@contextmanager
def dying_after(client: Any, *, nth: int = 0) -> Iterator[None]:
    """Crash the sandbox after its nth call, counted from 0, has had its effect."""
    with _hook(client, "after-call", "", _deadly(nth)):
        yield


@contextmanager
def throttled(client: Any, *, nth: int = 0) -> Iterator[None]:
    """Reject the nth call, counted from 0, with `ThrottlingException`."""
    calls = itertools.count()
    rejection = (_HttpResponse(HTTPStatus.BAD_REQUEST), _error("ThrottlingException", ()))
    with _hook(client, "before-call", "", lambda **_: rejection if next(calls) == nth else None):
        yield


@contextmanager
def recorded_calls(client: Any) -> Iterator[list[str]]:
    """Yield the names of the operations that are called."""
    operations: list[str] = []

    def record(model: Any, **_: Any) -> None:
        operations.append(model.name)

    with _hook(client, "before-call", "", record):
        yield operations


@contextmanager
def meanwhile(client: Any, operation: str, act: Callable[[], None], *, nth: int = 0) -> Iterator[None]:
    """Run `act` just before the nth such call, counted from 0; an empty operation is any."""
    calls = itertools.count()

    def interfere(**_: Any) -> None:
        if next(calls) == nth:
            act()

    with _hook(client, "before-call", operation, interfere):
        yield


@contextmanager
def amending(client: Any, operation: str, amend: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Change the response of every such call, which has its effect."""

    def change(parsed: dict[str, Any], **_: Any) -> None:
        amend(parsed)

    with _hook(client, "after-call", operation, change):
        yield


@contextmanager
def _hook(client: Any, event: str, operation: str, hook: Callable[..., Any]) -> Iterator[None]:
    """https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html."""
    name = f"{event}.{client.meta.service_model.service_id.hyphenize()}.{operation}".rstrip(".")
    # First, to run before moto's own.
    client.meta.events.register_first(name, hook)
    try:
        yield
    finally:
        client.meta.events.unregister(name, hook)


def _deadly(nth: int) -> Callable[..., None]:
    calls = itertools.count()

    def die(**_: Any) -> None:
        if next(calls) == nth:
            raise Crash

    return die
