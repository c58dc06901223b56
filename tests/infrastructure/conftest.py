"""The templates, synthesized once per stage."""

import fcntl
import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from app import PATHS, ROOT
from infrastructure import synthesis
from tests.infrastructure.graph import Graph

PARTNER, AUDITOR = "111122223333", "444455556666"
INGRESS_ACCOUNTS = [
    {"account": PARTNER, "sources": ["storefront", "partner.shop"]},
    {"account": AUDITOR, "sources": ["audit"]},
]
FORWARD = [
    {
        "facts": ["OrderConfirmed", "ShipmentScheduled"],
        # In the offline cloud's own account, where it can follow the events.
        "event_bus_arn": "arn:aws:events:eu-west-1:123456789012:event-bus/partner",
    },
    {"facts": ["OrderCancelled"], "event_bus_arn": f"arn:aws:events:eu-west-1:{AUDITOR}:event-bus/audit"},
]
CAPACITY = {"minimum_units": 5, "maximum_units": 4000, "target_percent": 70}


@pytest.fixture(scope="session")
def dev() -> Graph:
    """The stage of `cdk.out`, which tests/conftest.py keeps as new as its sources."""
    return Graph(ROOT / "cdk.out")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _synthesised(tmp_path_factory, "prod", {**_context(), "stage": "prod"})


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, shared with two other accounts, with provisioned tables."""
    context = _context()
    more = {"ingress_accounts": INGRESS_ACCOUNTS, "forward": FORWARD, "table_capacity": CAPACITY}
    context["stages"]["dev"] |= more
    return _synthesised(tmp_path_factory, "shared", context)


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, with Stripe as its payment gateway."""
    context = _context()
    context["stages"]["dev"] |= {"gateway": "stripe"}
    return _synthesised(tmp_path_factory, "stripe", context)


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def _synthesised(factory: pytest.TempPathFactory, name: str, context: Mapping[str, Any]) -> Graph:
    """Synthesize it once per run: the processes of the tests share the folder above their own."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = factory.getbasetemp().parent if is_worker else factory.getbasetemp()
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name / "manifest.json").exists():
            synthesis.synthesise(folder / name, context={**context, **PATHS})
    return Graph(folder / name)
