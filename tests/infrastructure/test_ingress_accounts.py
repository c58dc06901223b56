"""The ingress bus's policy for other accounts, evaluated as IAM would."""

from typing import Any

import pytest

from tests.infrastructure.bus_policy import HOME, PutEvents, is_allowed
from tests.infrastructure.conftest import AUDITOR, PARTNER
from tests.infrastructure.graph import Graph, arn

BUS = "orderbus-dev-ingress-bus"
STRANGER = "999988887777"


def statements_of(graph: Graph, bus: str = BUS) -> list[dict[str, Any]]:
    policies = [each for each in graph.of("Events::EventBusPolicy") if each.properties["EventBusName"] == bus]
    return [each.properties["Statement"] for each in policies]


@pytest.mark.parametrize(
    ("account", "sources"),
    [
        (HOME, ("storefront",)),
        (PARTNER, ("storefront",)),
        (PARTNER, ("partner.shop",)),
        (PARTNER, ("storefront", "partner.shop")),
        (AUDITOR, ("audit",)),
    ],
)
def test_account_may_put_events_of_its_sources(shared: Graph, account: str, sources: tuple[str, ...]) -> None:
    assert is_allowed(statements_of(shared), PutEvents(account, sources))


@pytest.mark.parametrize(
    ("account", "sources"),
    [
        (PARTNER, ("audit",)),
        (PARTNER, ("storefront", "audit")),
        (PARTNER, ("orders",)),
        (PARTNER, ("storefront", "orders")),
        (PARTNER, ()),
        (AUDITOR, ("storefront",)),
        (STRANGER, ("storefront",)),
        (STRANGER, ("audit",)),
        (HOME, ("partner.shop",)),
        (HOME, ("audit",)),
        (HOME, ("storefront", "audit")),
        (HOME, ("orders",)),
    ],
)
def test_one_other_source_rejects_the_request(shared: Graph, account: str, sources: tuple[str, ...]) -> None:
    assert not is_allowed(statements_of(shared), PutEvents(account, sources))


def test_other_account_needs_its_own_policies_too(shared: Graph) -> None:
    request = PutEvents(PARTNER, ("storefront",), identity_allows=False)
    assert not is_allowed(statements_of(shared), request)


@pytest.mark.parametrize(("account", "allowed"), [(HOME, True), (PARTNER, False), (AUDITOR, False)])
def test_bus_rejects_other_accounts_when_none_is_named(dev: Graph, account: str, *, allowed: bool) -> None:
    assert is_allowed(statements_of(dev), PutEvents(account, ("storefront",))) is allowed


def test_statements_are_named_and_limited_to_the_ingress_bus(
    shared: Graph,
) -> None:
    statements = statements_of(shared)
    for line in statements:
        assert line["Action"] == "events:PutEvents"
        assert line["Resource"] == arn("events", f"event-bus/{BUS}")
    assert len({line["Sid"] for line in statements}) == len(statements) == 4


def test_event_bus_admits_no_other_account(shared: Graph) -> None:
    (only,) = statements_of(shared, "orderbus-dev-order-bus")
    assert only["Effect"] == "Deny"
