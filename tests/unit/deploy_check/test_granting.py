"""A refusal by IAM is seen where it was, and silence after a grant is gone fails the run."""

from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy_check import granting
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
        self._lines = {f"/aws/lambda/{function}": said for function, said in lines.items()}

    def describe_log_groups(self, *, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        found = [name for name in self._lines if name.startswith(logGroupNamePrefix)]
        return {"logGroups": [{"logGroupName": name} for name in found]}

    def get_paginator(self, _operation: str) -> "Logs":
        return self

    def paginate(self, *, logGroupName: str) -> list[dict[str, Any]]:  # noqa: N803 - AWS's name
        return [{"events": [{"message": line} for line in self._lines[logGroupName]]}]


def a_check(**lines: list[str]) -> Deployment:
    logs = Logs({f"orderbus-dev-{name}": said for name, said in lines.items()})
    check = Deployment(folder=Path("/nowhere"), names=Names("dev"), held=ExitStack())
    check.endpoint = cast("Endpoint", SimpleNamespace(client=lambda _service: logs))
    return check


def test_a_denial_is_found_in_a_function_s_own_words() -> None:
    check = a_check(orders=[DENIED, LOST_RACE], relay=[RELAY])
    assert denials(check) == [DENIED, RELAY]
    assert denials(check, "orderbus-dev-relay") == [RELAY]


def test_the_api_s_denials_are_not_the_consumer_s() -> None:
    check = a_check(**{"orders": [], "orders-api": [DENIED]})
    assert denials(check, "orderbus-dev-orders") == []
    assert denials(check, "orderbus-dev-orders-api") == [DENIED]


def test_roles_suffice_while_nobody_was_denied_anything() -> None:
    assert granting.suffice(a_check(orders=[LOST_RACE]))
    with pytest.raises(CheckError, match="1 requests were denied"):
        granting.suffice(a_check(orders=[DENIED]))


def test_a_missing_grant_that_nobody_notices_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granting, "NOTICED_WITHIN", 0.0)
    with pytest.raises(CheckError, match="the missing grant went unnoticed: orderbus-dev-relay"):
        granting._noticed(a_check(relay=[RELAY]), "orderbus-dev-relay", 1)  # noqa: SLF001 - the verdict itself


def test_a_denial_that_is_new_is_noticed() -> None:
    assert granting._noticed(a_check(relay=[RELAY, RELAY]), "orderbus-dev-relay", 1)  # noqa: SLF001 - as above


def test_waiting_ends_in_the_words_for_it() -> None:
    with pytest.raises(CheckError, match="nothing came within 0 s"):
        wait_until(lambda: False, otherwise=lambda: "nothing came", patience=0.0)
