"""The steps find denials in the logs, and fail if a missing grant has none."""

from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy_check import grant_steps
from deploy_check.denials import denials
from deploy_check.deployment import Deployment
from deploy_check.endpoint import Endpoint
from deploy_check.failure import CheckError
from deploy_check.shop import wait_until
from infrastructure.names import Names

DENIED = '{"level":"WARNING","message":"retried","error_class":"ClientError"}'
RELAY = "[ERROR] ClientError: An error occurred (AccessDeniedException) when calling PutEvents"
LOST_RACE = '{"level":"INFO","message":"retried","error_class":"TransactionCanceledException"}'


class Logs:
    """CloudWatch Logs with the given lines by function."""

    def __init__(self, lines: dict[str, list[str]]) -> None:
        self._lines = {f"/aws/lambda/{function}": output for function, output in lines.items()}

    def describe_log_groups(self, *, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        found = [name for name in self._lines if name.startswith(logGroupNamePrefix)]
        return {"logGroups": [{"logGroupName": name} for name in found]}

    def get_paginator(self, _operation: str) -> "Logs":
        return self

    def paginate(self, *, logGroupName: str) -> list[dict[str, Any]]:  # noqa: N803 - AWS's name
        return [{"events": [{"message": line} for line in self._lines[logGroupName]]}]


def a_check(**lines: list[str]) -> Deployment:
    logs = Logs({f"orderbus-dev-{name}": output for name, output in lines.items()})
    check = Deployment(folder=Path("/nowhere"), names=Names("dev"), resources=ExitStack())
    check.endpoint = cast("Endpoint", SimpleNamespace(client=lambda _service: logs))
    return check


def test_denials_are_found_in_the_logs() -> None:
    check = a_check(orders=[DENIED, LOST_RACE], relay=[RELAY])
    assert denials(check) == [DENIED, RELAY]
    assert denials(check, "orderbus-dev-relay") == [RELAY]


def test_denials_of_the_api_are_not_the_consumer_s() -> None:
    check = a_check(**{"orders": [], "orders-api": [DENIED]})
    assert denials(check, "orderbus-dev-orders") == []
    assert denials(check, "orderbus-dev-orders-api") == [DENIED]


def test_suffice_fails_after_a_denial() -> None:
    assert grant_steps.suffice(a_check(orders=[LOST_RACE]))
    with pytest.raises(CheckError, match="1 requests were denied"):
        grant_steps.suffice(a_check(orders=[DENIED]))


def test_missing_grant_without_a_denial_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grant_steps, "NOTICED_SECONDS", 0.0)
    with pytest.raises(CheckError, match="the missing grant went unnoticed: orderbus-dev-relay"):
        grant_steps._wait_for_denial(a_check(relay=[RELAY]), "orderbus-dev-relay", 1)  # noqa: SLF001 - the check itself


def test_missing_grant_with_a_new_denial_passes() -> None:
    assert grant_steps._wait_for_denial(a_check(relay=[RELAY, RELAY]), "orderbus-dev-relay", 1)  # noqa: SLF001 - as above


def test_wait_until_raises_its_message() -> None:
    with pytest.raises(CheckError, match="nothing came within 0 s"):
        wait_until(lambda: False, otherwise=lambda: "nothing came", timeout=0.0)
