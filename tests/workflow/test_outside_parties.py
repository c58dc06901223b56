"""A storefront and a buyer in other accounts, written with the client package alone, use Orderbus."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orderbus_client import MessageReport, Publisher, RetryPolicy, new_event, poll
from orderbus_client.events import CheckoutCompleted, EnteredAddress, PricedLine
from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.shop import ADDRESS, PREFIX, Shop

EXAMPLES = Path(__file__).parents[2] / "packages" / "orderbus-client" / "examples"
if TYPE_CHECKING:
    from buyer import Buyer
    from storefront import Storefront

SHOP_ACCOUNT, BUYER_ACCOUNT = "111122223333", "444455556666"
QUEUES = {"shop": SHOP_ACCOUNT, "buyer": BUYER_ACCOUNT}
BUS = f"{PREFIX}-ingress-bus"
ONCE = RetryPolicy(attempts=1)


def bus_arn(name: str) -> str:
    return f"arn:aws:events:eu-west-1:123456789012:event-bus/{name}"


FORWARD = [
    {"facts": ["OrderConfirmed", "OrderCancelled", "ShipmentScheduled"], "event_bus_arn": bus_arn("shop")},
    {"facts": ["StockRanLow", "StockAdded"], "event_bus_arn": bus_arn("buyer")},
]
INGRESS_ACCOUNTS = [
    {"account": SHOP_ACCOUNT, "sources": ["storefront"]},
    {"account": BUYER_ACCOUNT, "sources": ["warehouse"]},
]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev`, open to both accounts, and a bus and a queue for each of them."""
    assembly = dev_with(tmp_path_factory, ingress_accounts=INGRESS_ACCOUNTS, forward=FORWARD)
    with OfflineCloud.start(assembly=assembly) as cloud:
        for name, account in QUEUES.items():
            connect(cloud, name, account)
        yield cloud


def connect(cloud: OfflineCloud, name: str, account: str) -> None:
    """Lead a bus to a queue that only this account may read."""
    events, sqs = cloud.client("events"), cloud.client("sqs")
    statements = [
        {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"},
        {"Principal": {"AWS": account}, "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"]},
    ]
    policy = {"Statement": [{"Effect": "Allow", "Resource": "*", **each} for each in statements]}
    sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern='{"version": ["0"]}')
    target = {"Id": "1", "Arn": f"arn:aws:sqs:eu-west-1:123456789012:{name}"}
    events.put_targets(Rule=name, EventBusName=name, Targets=[target])


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])


@pytest.fixture
def shop(cloud: OfflineCloud) -> Shop:
    cloud.reset(seed=1)
    shop = Shop(cloud)
    shop.open()
    cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-stock",
        Key={"sku": {"S": "TEAPOT"}},
        UpdateExpression="SET reorder_level = :level",
        ExpressionAttributeValues={":level": {"N": "3"}},
    )
    return shop


def client(cloud: OfflineCloud, service: str, account: str) -> Any:
    return cloud.client(service, role=f"arn:aws:iam::{account}:role/outside")


def publisher(cloud: OfflineCloud, account: str) -> Publisher:
    return Publisher(BUS, client=client(cloud, "events", account), policy=ONCE)


def received(cloud: OfflineCloud, name: str, party: "Storefront | Buyer") -> list[MessageReport]:
    """Let the party read its queue, with its own account's permissions, until it is empty."""
    url = cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    sqs = client(cloud, "sqs", QUEUES[name])
    reports: list[MessageReport] = []
    while batch := poll(sqs, url, party.consumer, wait_seconds=0).messages:
        reports.extend(batch)
    return reports


def a_cart(key: str, *, payment_method: str = "pm_card_visa") -> CheckoutCompleted:
    return CheckoutCompleted(
        idempotency_key=key,
        customer_id="ada",
        email="ada@example.com",
        ship_to=EnteredAddress(**ADDRESS),
        currency="GBP",
        payment_method=payment_method,
        lines=(PricedLine(sku="TEAPOT", quantity=2, unit_price=2499),),
    )


def test_storefront_places_and_follows_its_orders(cloud: OfflineCloud, shop: Shop) -> None:
    from storefront import Storefront  # noqa: PLC0415 - the fixture puts the examples on the path

    storefront = Storefront(publisher(cloud, SHOP_ACCOUNT))
    storefront.check_out(a_cart("cart-1"))
    storefront.check_out(a_cart("cart-1"))
    storefront.check_out(a_cart("cart-2", payment_method="pm_card_chargeDeclined"))
    cloud.settle()
    reports = received(cloud, "shop", storefront)
    assert {report.outcome.value for report in reports} == {"reacted"}
    assert sorted(storefront.progress["cart-1"]) == ["OrderConfirmed", "ShipmentScheduled"]
    assert storefront.progress["cart-2"] == ["OrderCancelled"]
    assert sorted(row["status"] for row in shop.orders()) == ["cancelled", "shipped"]


def test_buyer_replenishes_what_ran_low_once(cloud: OfflineCloud, shop: Shop) -> None:
    from buyer import Buyer  # noqa: PLC0415 - as above
    from storefront import Storefront  # noqa: PLC0415 - as above

    buyer = Buyer(publisher(cloud, BUYER_ACCOUNT), quantity=7)
    Storefront(publisher(cloud, SHOP_ACCOUNT)).check_out(a_cart("cart-1"))
    for _ in range(2):
        cloud.settle()
        received(cloud, "buyer", buyer)
    assert buyer.added == ["TEAPOT"]
    (teapots,) = [row for row in shop.rows("stock") if row["sku"] == "TEAPOT"]
    assert teapots["available"] == str(5 - 2 + 7)


def test_source_of_another_account_is_reported(cloud: OfflineCloud) -> None:
    foreign = publisher(cloud, BUYER_ACCOUNT).publish([new_event(a_cart("cart-3"), subject="cart-3")])
    (unpublished,) = foreign.unpublished
    assert (unpublished.code, unpublished.is_retryable) == ("AccessDeniedException", False)


def test_queue_rejects_the_other_account(cloud: OfflineCloud) -> None:
    url = cloud.client("sqs").get_queue_url(QueueName="shop")["QueueUrl"]
    sqs = client(cloud, "sqs", BUYER_ACCOUNT)
    with pytest.raises(
        sqs.exceptions.ClientError, match="no resource-based policy allows the sqs:receivemessage"
    ):
        sqs.receive_message(QueueUrl=url)


def test_readme_example_adds_stock(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (EXAMPLES.parent / "README.md").read_text()
    example = readme.split("```python\n")[1].split("```")[0]
    assert len(example.splitlines()) == 10
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README's own example
    shop.cloud.settle()
    assert capsys.readouterr().out == ""
    (teapots,) = [row for row in shop.rows("stock") if row["sku"] == "TEAPOT"]
    assert teapots["available"] == str(5 + 40)
