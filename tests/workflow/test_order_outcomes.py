"""The page of an order's outcomes is current."""

from tests.workflow.order_outcomes import OUTCOMES, PAGE, driven, opened, page
from tests.workflow.shop import Shop


def test_outcomes_page_is_current(shop: Shop) -> None:
    assert page([driven(opened(shop.cloud), name) for name in OUTCOMES]) == PAGE.read_text()


def test_outcome_without_shipment_keeps_no_money_or_stock(shop: Shop) -> None:
    for name in OUTCOMES:
        outcome = driven(opened(shop.cloud), name)
        if "ShipmentScheduled" not in outcome.facts:
            assert (outcome.money, outcome.stock, outcome.status[:9]) == (0, 0, "cancelled"), name
