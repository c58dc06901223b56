"""A partner's principal puts its own sources on the ingress bus, and nothing else anywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketcloud import OfflineCloud
from tests.infrastructure.conftest import AUDITOR, PARTNER
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

ROLE = "arn:aws:iam::{}:role/checkout"


@pytest.fixture(scope="module")
def cloud(open_stage: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=open_stage) as cloud:
        yield cloud


def put(cloud: OfflineCloud, account: str, *entries: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = cloud.client("events", role=ROLE.format(account)).put_events(
        Entries=list(entries)
    )
    return response


def of_source(source: str) -> dict[str, Any]:
    return {**checkout_entry(a_checkout()), "Source": source}


def test_partner_checkout_becomes_an_order(cloud: OfflineCloud) -> None:
    shop = Shop(cloud)
    shop.open()
    assert put(cloud, PARTNER, checkout_entry(a_checkout()))["FailedEntryCount"] == 0
    cloud.settle()
    assert [row["status"] for row in shop.orders()] == ["shipped"]


def test_partner_order_is_separate_when_customer_and_key_match(cloud: OfflineCloud) -> None:
    shop = Shop(cloud)
    cloud.reset(seed=1)
    shop.open()
    ours = shop.place(an_order(), key="k1", customer="ada")
    put(cloud, PARTNER, checkout_entry(a_checkout(payment_method="pm_card_mastercard")))
    cloud.put_events([checkout_entry(a_checkout())])
    cloud.settle()
    listed = cloud.http("GET", "/orders", customer="ada").json()
    assert [order["order_id"] for order in listed["orders"]] == [ours]
    assert sorted(row["customer_id"] for row in shop.rows("listings")) == [f"{PARTNER}:storefront:ada", "ada"]
    assert shop.dead_letters("orders") == []


@pytest.mark.parametrize(
    ("account", "sources"),
    [
        (PARTNER, ("audit",)),
        (PARTNER, ("orders",)),
        (PARTNER, ("storefront", "audit")),
        (AUDITOR, ("storefront",)),
        ("999988887777", ("storefront",)),
    ],
)
def test_request_is_rejected_when_one_source_is_foreign(
    cloud: OfflineCloud, account: str, sources: tuple[str, ...]
) -> None:
    with pytest.raises(ClientError, match="is not authorized to perform: events:PutEvents"):
        put(cloud, account, *map(of_source, sources))


def test_request_is_rejected_when_it_has_no_source(cloud: OfflineCloud) -> None:
    nameless = {key: value for key, value in checkout_entry(a_checkout()).items() if key != "Source"}
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        put(cloud, PARTNER, nameless)


def test_order_bus_rejects_the_partner(cloud: OfflineCloud) -> None:
    forged = {**of_source("payments"), "EventBusName": f"{PREFIX}-order-bus"}
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        put(cloud, PARTNER, forged)
