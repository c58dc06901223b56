"""The templates, synthesized once per stage."""

import json

import pytest

from app import ROOT
from tests.assemblies import dev_with, dev_with_key, settings_of_stages, synthesised
from tests.infrastructure.graph import Graph
from tests.neighbours.setup_page import blocks

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
PAGES = ["https://shop.example", "http://localhost:5173"]
DOMAIN = {
    "name": "api.shop.example",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
}
GLOBAL_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-00000000000{}"
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/00000000-0000-4000-8000-000000000000"
EDGE = {
    "name": "shop.example.com",
    "certificate_arn": GLOBAL_CERTIFICATE.format(1),
    "web_acl_arn": WEB_ACL,
    "client_certificate_arn": GLOBAL_CERTIFICATE.format(3),
    "truststore_uri": "s3://shop-truststore/edge.pem",
}
ON_CALL = "on-call@example.com"
TOKEN = {
    "issuer": "https://id.example",
    "audience": "shop",
    "scope": "orders",
    "operator_scope": "orders.operate",
    "verified_email": True,
}
KAFKA = json.loads(blocks("kafka.md", "json")[0])["kafka"]
"""The row on the page of the bridge."""
LABEL = "2026-11-29T01:02:03.456"
RESTORED = {"event-log": LABEL, "stock": LABEL}
CAPACITY = {"minimum_units": 5, "maximum_units": 4000, "target_percent": 70}


@pytest.fixture(scope="session")
def dev() -> Graph:
    """The stage of `cdk.out`, which tests/conftest.py keeps as new as its sources."""
    return Graph(ROOT / "cdk.out")


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, with every alarm."""
    return Graph(dev_with(tmp_path_factory))


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    # cfn-lint validates these templates (test_stacks.py).
    context = {**settings_of_stages(), "stage": "prod"}
    return Graph(synthesised(tmp_path_factory, context, is_validated=False))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, shared with two accounts, with provisioned tables, snapshots, pages and addresses."""
    context = settings_of_stages()
    context["stages"]["dev"] |= {"ingress_accounts": INGRESS_ACCOUNTS, "forward": FORWARD}
    context["stages"]["dev"] |= {"table_capacity": CAPACITY, "snap_start": True}
    context["stages"]["dev"] |= {"allowed_origins": PAGES, "alarm_email": ON_CALL}
    return Graph(synthesised(tmp_path_factory, context, is_validated=False))


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, with a key, a trail of data events and the stream."""
    return Graph(dev_with_key(tmp_path_factory))


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev`, with Stripe as its payment gateway, a boundary of its roles, a domain and a key."""
    context = settings_of_stages()
    context["stages"]["dev"] |= {"gateway": "stripe", "permissions_boundary": True, "domain": DOMAIN}
    context["stages"]["dev"] |= {"encryption_key": True}
    return Graph(synthesised(tmp_path_factory, context, is_validated=False))


@pytest.fixture(scope="session")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The stage `dev` with every setting that adds something; the CDK fails if it is invalid.

    Tests of single settings leave the validation out.
    """
    context = settings_of_stages()
    alarms = {**context["stages"]["dev"]["alarms"], "order_volume_deviations": 3}
    context["stages"]["dev"] |= {"alarm_email": ON_CALL, "alarms": alarms, "allowed_origins": PAGES}
    context["stages"]["dev"] |= {"forward": FORWARD, "ingress_accounts": INGRESS_ACCOUNTS}
    context["stages"]["dev"] |= {"gateway": "stripe", "gateway_url": "https://stripe.example"}
    context["stages"]["dev"] |= {"dashboards": True, "hot_skus": {"TEAPOT": 4}, "token": TOKEN}
    context["stages"]["dev"] |= {"sender_identity": "existing", "bridges": {"kafka": KAFKA}}
    stream = {"shards": None, "retention_hours": 168}
    context["stages"]["dev"] |= {"ordered_stream": stream, "restored_streams": RESTORED}
    return Graph(synthesised(tmp_path_factory, context))
