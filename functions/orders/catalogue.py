"""The catalogue table: what an article costs. A customer's own idea of a price is never taken."""

from collections.abc import Mapping, Sequence

import msgspec

from functions.contracts.values import Currency, Line, PricedLine, UnitPrice
from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import whole
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required


class UnknownArticleError(Exception):
    """An article nobody sells, by its place in the order."""

    def __init__(self, index: int) -> None:
        super().__init__(f"line {index}")
        self.index = index


class MixedCurrenciesError(Exception):
    """The articles are priced in different currencies, so they make no one total."""


class _Price(msgspec.Struct, frozen=True):
    """One row: minor units of a currency."""

    unit_price: UnitPrice
    currency: Currency


class Offer(msgspec.Struct, frozen=True):
    """The lines at our prices, all in one currency."""

    lines: tuple[PricedLine, ...]
    currency: Currency


def price(lines: Sequence[Line]) -> Offer:
    """What the lines cost today; one request, whatever their number."""
    prices = _prices([line.sku for line in lines])
    for index, line in enumerate(lines):
        if line.sku not in prices:
            raise UnknownArticleError(index)
    currencies = {found.currency for found in prices.values()}
    if len(currencies) > 1:
        raise MixedCurrenciesError
    priced = tuple(
        PricedLine(sku=line.sku, quantity=line.quantity, unit_price=prices[line.sku].unit_price)
        for line in lines
    )
    return Offer(lines=priced, currency=currencies.pop())


def _prices(skus: Sequence[str]) -> Mapping[str, _Price]:
    table = required("CATALOGUE_TABLE")
    keys = [texts(sku=sku) for sku in skus]
    answer = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    return {
        item["sku"]["S"]: msgspec.convert(
            {"unit_price": int(item["unit_price"]["N"]), "currency": item["currency"]["S"]}, _Price
        )
        for item in whole(answer)[table]
    }
