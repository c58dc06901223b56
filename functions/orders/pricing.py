"""The catalogue table: the price of each SKU. A price in a request is never used."""

from collections.abc import Mapping, Sequence

import msgspec

from functions.contracts import heartbeat
from functions.contracts.values import Currency, Line, PricedLine, UnitPrice
from functions.shared.event_store.attributes import texts
from functions.shared.event_store.event_log import whole
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.problem import ProblemError


class CataloguePrice(msgspec.Struct, frozen=True):
    """A row of the catalogue: the price of one SKU, in minor units of its currency."""

    unit_price: UnitPrice
    currency: Currency


class Quote(msgspec.Struct, frozen=True):
    """The lines at the catalogue's prices, all in one currency."""

    lines: tuple[PricedLine, ...]
    currency: Currency


def quote(lines: Sequence[Line]) -> Quote:
    """Price the lines with one read of the catalogue.

    Raises:
        ProblemError: a SKU is not in the catalogue, or the SKUs have different currencies.
    """
    prices = _prices([line.sku for line in lines])
    for index, line in enumerate(lines):
        if line.sku not in prices or line.sku == heartbeat.SKU:
            raise ProblemError("unknown_sku", "this SKU is not sold", f"/lines/{index}/sku")
    currencies = {price.currency for price in prices.values()}
    if len(currencies) > 1:
        raise ProblemError("mixed_currencies", "these SKUs are sold in different currencies", "/lines")
    priced = tuple(
        PricedLine(sku=line.sku, quantity=line.quantity, unit_price=prices[line.sku].unit_price)
        for line in lines
    )
    return Quote(lines=priced, currency=currencies.pop())


def _prices(skus: Sequence[str]) -> Mapping[str, CataloguePrice]:
    table = required("CATALOGUE_TABLE")
    keys = [texts(sku=sku) for sku in skus]
    response = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    return {
        item["sku"]["S"]: msgspec.convert(
            {"unit_price": int(item["unit_price"]["N"]), "currency": item["currency"]["S"]}, CataloguePrice
        )
        for item in whole(response)[table]
    }
