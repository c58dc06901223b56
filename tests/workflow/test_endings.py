"""The page that tells how an order can end is true."""

from tests.workflow.endings import ENDINGS, PAGE, driven, opened, page
from tests.workflow.shop import Shop


def test_outcomes_page_is_current(shop: Shop) -> None:
    assert page([driven(opened(shop.cloud), name) for name in ENDINGS]) == PAGE.read_text()


def test_outcome_without_shipment_keeps_no_money_or_stock(shop: Shop) -> None:
    for name in ENDINGS:
        ending = driven(opened(shop.cloud), name)
        if "ShipmentScheduled" not in ending.facts:
            assert (ending.money, ending.stock, ending.status[:9]) == (0, 0, "cancelled"), name
