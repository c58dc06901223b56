"""A fresh, small AWS account for every test; nothing of the offline cloud."""

import logging
import sys
from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.unit.functions import account
from tests.unit.functions.output import Output

VOICES = ("inventory", "payments", "orders", "orders-api", "shipping", "notifications", "relay")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in account.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def aws(environment: None) -> Iterator[None]:  # noqa: ARG001 - asked for its effect
    """The account, with its tables, its dead-letter queue, its bus and its sender address."""
    with mock_aws():
        account.deploy_tables()
        account.deploy_queue()
        account.client("events").create_event_bus(Name=account.ENVIRONMENT["ORDER_BUS_NAME"])
        account.client("ses").verify_email_identity(EmailAddress=account.SENDER)
        yield


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Output:
    """What is printed from here on, the log lines of functions imported before included."""
    for voice in VOICES:
        for handler in logging.getLogger(voice).handlers:
            if isinstance(handler, logging.StreamHandler):
                monkeypatch.setattr(handler, "stream", sys.stdout)
    return Output(capsys)
