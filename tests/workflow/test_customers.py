"""`orderbus customers`: a person is exported, then erased from all that keeps them, and stays erased."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.simulation.lost_tables import protect, restore
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import send
from tests.workflow.invariants import violations
from tests.workflow.kept_data import kept
from tests.workflow.replays import DEV, log_of
from tests.workflow.shop import ADDRESS, Shop, an_order

PERSON = ("canary@example.com", "Canary Lovelace", "7 Canary Wharf", "Happy birthday, canary")
PARCEL = {**ADDRESS, "name": PERSON[1], "street": PERSON[2]}
ORDER = an_order(email=PERSON[0], ship_to=PARCEL, gift_message=PERSON[3])
FROM_THE_LOG = ("inventory", "payments", "orders", "shipping", "fraud", "views")


@pytest.fixture(scope="module")
def deployed() -> Iterator[OfflineCloud]:
    """A cloud of its own: its archive is deleted and made again."""
    with OfflineCloud.start() as cloud:
        yield cloud


def customer_of(shop: Shop, order: str) -> str:
    """Return the customer's id in the token, which is not the name that the test signs in with."""
    found: str = next(each for each in log_of(shop) if each["subject"] == order)["data"]["customer_id"]
    return found


def named(cloud: OfflineCloud) -> list[str]:
    everything = kept(cloud)
    return [text for text in PERSON if text in everything]


def customers(*arguments: object, code: ExitCode = ExitCode.OK) -> Any:
    ended, out, err = orderbus("customers", *arguments, "--json")
    assert ended == code, out + err
    return json.loads(out)


def test_person_is_erased_everywhere_and_stays_erased(shop: Shop, tmp_path: Path) -> None:
    cloud = shop.cloud
    protect(cloud)
    orders = [shop.place(ORDER, key=key) for key in ("first", "second")]
    cloud.settle()
    other = shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), customer="bob")
    cloud.advance(minutes=20)
    before_erasure = cloud.clock.now()
    customer = customer_of(shop, orders[0])
    assert named(cloud) == list(PERSON)

    exported = customers("export", customer, "--yes")
    assert sorted(exported["orders"]) == sorted(orders)
    assert all(text in json.dumps(exported) for text in PERSON)
    assert other not in json.dumps(exported)

    send(shop, "views-dlq", json.dumps({"detail": {"email": PERSON[0]}}), reason="any")
    (refused,) = customers("erase", customer, "--yes", code=ExitCode.INCOMPLETE)
    assert (len(refused["dead_lettered"]), refused["done"]) == (1, False)
    assert named(cloud) == list(PERSON)
    assert orderbus("dlq", "purge", "--consumer", "views", "--to", tmp_path / "gone.jsonl", "--yes")[0] == 0

    (dry,) = customers("erase", customer)
    assert (dry["orders"], dry["events"], dry["contacts"], dry["done"]) == (2, 6, 2, False)
    (erased,) = customers("erase", customer, "--empty-archive", "--yes")
    assert erased["done"]
    cloud.settle()
    assert named(cloud) == []
    assert "ada@example.com" in kept(cloud)  # bob's order has that address

    mails, rows = len(cloud.mails), {name: shop.rows(name) for name in ("stock", "attempts", "sales")}
    for service in FROM_THE_LOG:
        assert orderbus("replay", service, "--since", "1d", "--rate", 3000, "--yes")[0] == ExitCode.OK
    cloud.settle()
    assert (len(cloud.mails), rows) == (mails, {name: shop.rows(name) for name in rows})
    assert [each for each in violations(shop) if "views-dlq" not in each] == []

    cloud.advance(minutes=6)
    restore(cloud, DEV.event_log, before_erasure.replace(microsecond=0))
    assert named(cloud) != []
    customers("erase", "--recorded", "--yes")
    assert named(cloud) == []


def test_open_order_keeps_its_address(shop: Shop) -> None:
    order = shop.place(ORDER)
    shop.cloud.advance(seconds=20)
    open_order = shop.place(ORDER, key="open")
    customer = customer_of(shop, order)
    shop.cloud.outages.add(f"queue/{DEV.queue('shipping')}")
    shop.cloud.advance(seconds=20)
    (refused,) = customers("erase", customer, "--yes", code=ExitCode.INCOMPLETE)
    assert (refused["done"], open_order in refused["open_orders"]) == (False, True)
    assert PERSON[1] in kept(shop.cloud)
    assert orderbus("customers", "erase", "nobody")[0] == ExitCode.UNKNOWN_ORDER
    assert orderbus("customers", "erase", customer, "--recorded")[0] == ExitCode.USAGE
