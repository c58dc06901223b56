"""A fresh, small AWS account for every test; of the offline cloud only its operations on items."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

import pytest
from moto import mock_aws

from functions.notifications.contacts import contacts
from functions.payments.gateways import gateway
from functions.payments.stripe import secret
from functions.shared.event_store.powertools_layer import powertools_layer
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of
from infrastructure.topology import SERVICES
from tests.now import NOW, running
from tests.unit.functions import account
from tests.unit.functions.direct_calls import without_http
from tests.unit.functions.output import Output, StandardOutput
from tests.unit.functions.stripe_bank import StripeBank
from tests.unit.functions.stripe_stub import STRIPE_SECRET, StripeStub, serving

StripeT = TypeVar("StripeT", bound=StripeStub)
TELEMETRY = (
    *("under-test", "relay"),
    *(service.name for service in SERVICES),
    *(
        f"{service.name}-{function.module}"
        for service in SERVICES
        for function in service.functions
        if function.module != "handler"
    ),
)


@pytest.fixture(autouse=True, scope="session")
def telemetry_output() -> None:
    """Every function's log goes where standard output goes now, not where it went when it was imported."""
    for telemetry in TELEMETRY:
        telemetry_of(telemetry)
        for handler in logging.getLogger(telemetry).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.stream = StandardOutput()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment of the deployment, and clear the caches and counts of another one."""
    powertools_layer.cache_clear()
    contacts.cache_clear()
    retries.cache_clear()
    deadline.cache_clear()
    for telemetry in TELEMETRY:
        telemetry_of(telemetry).metrics.clear_metrics()  # counts that no handler of another test has written
    monkeypatch.setattr(retries(), "_sleep", lambda _: None)  # nothing here waits between two attempts
    for name, value in account.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def now() -> Iterator[datetime]:
    """Start the clock at `NOW` for the whole test, for writes and for reads."""
    with running():
        yield NOW


@pytest.fixture(scope="module")
def moto() -> Iterator[None]:
    """Calls to AWS end in this process, for the tests of a file."""
    with mock_aws(), without_http():
        yield


@pytest.fixture
def aws(environment: None, moto: None, now: datetime) -> None:
    """The account, with its tables, its dead-letter queue, its bus and its sender address."""
    account.deploy()


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    """Return the output from here on."""
    return Output(capsys)


@pytest.fixture
def catalogue(aws: None) -> None:
    """Set the prices of teapots and cups."""
    account.price("TEAPOT", 2499)
    account.price("CUP", 650)


@pytest.fixture
def stripe(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeStub]:
    """Stripe with prepared responses."""
    yield from _as_stripe(StripeStub(), monkeypatch)


@pytest.fixture
def bank(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeBank]:
    """Stripe with a memory of payments, refunds and keys."""
    yield from _as_stripe(StripeBank(), monkeypatch)


def _as_stripe(stub: StripeT, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeT]:
    """Have payments use the stub as its gateway."""
    account.client("secretsmanager").create_secret(
        Name="payment-gateway", SecretString=json.dumps(STRIPE_SECRET)
    )
    secret._read.cache_clear()  # noqa: SLF001 - what another test's account held
    gateway.cache_clear()

    def configure(url: str) -> None:
        for name, value in {
            "PAYMENT_GATEWAY": "stripe",
            "PAYMENT_SECRET": "payment-gateway",
            "STRIPE_URL": url,
        }.items():
            monkeypatch.setenv(name, value)

    with serving(stub, configure):
        yield stub
    secret._read.cache_clear()  # noqa: SLF001 - as above
    gateway.cache_clear()
