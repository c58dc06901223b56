"""The templates, synthesized once per stage."""

import json
from pathlib import Path

import pytest

from app import PATHS, ROOT, synthesise
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


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _synthesised(tmp_path_factory.mktemp("dev"), stage="dev")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return _synthesised(tmp_path_factory.mktemp("prod"), stage="prod")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, shared with two other accounts."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context["stages"]["dev"] |= {"ingress_accounts": INGRESS_ACCOUNTS, "forward": FORWARD}
    outdir = tmp_path_factory.mktemp("shared")
    synthesis.synthesise(outdir, context={**context, **PATHS})
    return Graph(outdir)


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, with Stripe as its payment gateway."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context["stages"]["dev"] |= {"gateway": "stripe"}
    outdir = tmp_path_factory.mktemp("stripe")
    synthesis.synthesise(outdir, context={**context, **PATHS})
    return Graph(outdir)


def _synthesised(outdir: Path, *, stage: str) -> Graph:
    synthesise(outdir, stage=stage)
    return Graph(outdir)
