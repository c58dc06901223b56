"""The rows of the read model, and orders that fill it."""

import json

from tests.workflow.shop import Shop, an_order

READ_MODEL = ("listings", "sales")
DECLINED = "pm_card_chargeDeclined"


def read_model(shop: Shop) -> dict[str, list[dict[str, str]]]:
    """Return all rows."""
    return {table: sorted(shop.rows(table), key=json.dumps) for table in READ_MODEL}


def some_orders(shop: Shop) -> list[str]:
    """Place three orders of Ada, one of them declined, and one of Eve."""
    placed = []
    for key, customer, card in (
        ("k1", "ada", "pm_card_visa"),
        ("k2", "ada", DECLINED),
        ("k3", "eve", "pm_card_visa"),
        ("k4", "ada", "pm_card_visa"),
    ):
        placed.append(shop.place(an_order(payment_method=card), key=key, customer=customer))
        shop.cloud.settle()
        shop.cloud.advance(minutes=1)
    return placed
