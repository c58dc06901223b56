"""What is for sale before the first order comes: rows of the catalogue and of the stock."""

from collections.abc import Mapping

from cli.demo.cloud import Cloud
from cli.demo.sample_orders import CURRENCY
from infrastructure.names import Names


def put_on_sale(cloud: Cloud, names: Names, prices: Mapping[str, int], stock: Mapping[str, int]) -> None:
    """Write the price list and fill the shelves."""
    tables = cloud.client("dynamodb")
    for sku, price in prices.items():
        row = {"sku": {"S": sku}, "unit_price": {"N": str(price)}, "currency": {"S": CURRENCY}}
        tables.put_item(TableName=names.of("catalogue"), Item=row)
    for sku, available in stock.items():
        row = {"sku": {"S": sku}, "available": {"N": str(available)}}
        tables.put_item(TableName=names.of("stock"), Item=row)
