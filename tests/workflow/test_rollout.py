"""Two versions of a consumer share its queue; only the new one has a reaction to a certain fact."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import ROOT
from pocketcloud import OfflineCloud
from tests.workflow.dead_letter_queues import redriven
from tests.workflow.shop import PREFIX, Shop, an_order

FUNCTION = f"{PREFIX}-views"
NEW_REACTION = "    ShipmentScheduled: on_shipment_scheduled,\n"
ORDERS = 8
CUP = [{"sku": "CUP", "quantity": 1}]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop whose new version of views, 1, is deployed, with the old one published as 2."""
    with OfflineCloud.start(assembly=ROOT / "cdk.out") as cloud:
        client = cloud.client("lambda")
        client.update_function_code(FunctionName=FUNCTION, ZipFile=old_code())
        assert client.publish_version(FunctionName=FUNCTION)["Version"] == "2"
        shop = Shop(cloud)
        shop.open()
        yield shop


def old_code() -> bytes:
    """Return the bundle of views without its reaction to shipments."""
    template = json.loads((ROOT / f"cdk.out/{FUNCTION}.template.json").read_text())
    (key,) = [
        resource["Properties"]["Code"]["S3Key"]
        for resource in template["Resources"].values()
        if resource["Properties"].get("FunctionName") == FUNCTION
    ]
    assets = json.loads((ROOT / f"cdk.out/{FUNCTION}.assets.json").read_text())["files"]
    folder, packed = ROOT / "cdk.out" / assets[Path(key).stem]["source"]["path"], io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        # Its bytecode would hide the change.
        for path in (each for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"):
            archive.writestr(str(path.relative_to(folder)), content(path))
    return packed.getvalue()


def content(path: Path) -> bytes:
    if not path.match("views/handler.py"):
        return path.read_bytes()
    text = path.read_text(encoding="utf-8")
    assert NEW_REACTION in text
    return text.replace(NEW_REACTION, "").encode()


def shift(shop: Shop, *, old: float) -> None:
    """Give the old version that share of the traffic, as CodeDeploy does."""
    client = shop.cloud.client("lambda")
    weights = {"AdditionalVersionWeights": {"2": old}}
    client.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1", RoutingConfig=weights)


def place_orders(shop: Shop) -> set[str]:
    """Place the orders; return the ids, once all are shipped."""
    placed = {shop.place(an_order(lines=CUP), key=f"k{number}") for number in range(ORDERS)}
    shop.cloud.advance(minutes=1)
    assert {row["order_id"] for row in shop.orders() if row["status"] == "shipped"} == placed
    return placed


def sold(shop: Shop) -> set[str]:
    return {row["order_id"] for row in shop.rows("sales")}


def test_whole_rollout_loses_no_event_of_a_new_reaction(shop: Shop) -> None:
    shift(shop, old=0.9)
    placed = place_orders(shop)
    assert sold(shop) < placed
    shop.cloud.advance(minutes=4)
    shift(shop, old=0)
    shop.cloud.advance(minutes=15)
    assert sold(shop) == placed
    assert shop.dead_letters("views") == []


def test_rollback_midway_keeps_the_events_of_a_new_reaction(shop: Shop) -> None:
    shift(shop, old=0.9)
    placed = place_orders(shop)
    shift(shop, old=1)
    shop.cloud.advance(minutes=30)
    assert sold(shop) < placed
    shift(shop, old=0)
    redriven("--consumer", "views", "--reason", "no_reaction")
    shop.cloud.advance(minutes=1)
    assert sold(shop) == placed
