"""The sales of a day are read from every partition that a day can have."""

from cli.read_model.sales import sales_on
from functions.views.store import sales_partitions
from infrastructure.names import Names
from tests.workflow.shop import PREFIX, Shop, an_order

DEV = Names("dev")


def test_sales_are_the_same_after_their_shards_change(shop: Shop) -> None:
    """One order is in another shard, and one in two: it was projected again after the change."""
    for key in ("k1", "k2"):
        shop.place(an_order(), key=key)
    shop.cloud.settle()
    day = shop.cloud.clock.now().date().isoformat()
    before = sales_on(shop.cloud.client("dynamodb"), DEV, day)
    first, later, last = (sales_partitions(day)[shard] for shard in (0, 3, 31))
    moved, kept, *_ = shop.rows("sales")
    for row, partition in ((moved, last), (kept, later)):
        item = {"day": {"S": partition}, "order_id": {"S": row["order_id"]}}
        shop.cloud.client("dynamodb").put_item(TableName=f"{PREFIX}-sales", Item=item)
    key = {"day": {"S": first}, "order_id": {"S": moved["order_id"]}}
    shop.cloud.client("dynamodb").delete_item(TableName=f"{PREFIX}-sales", Key=key)
    assert sales_on(shop.cloud.client("dynamodb"), DEV, day) == before != []
