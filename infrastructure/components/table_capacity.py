"""The capacity of a table: on demand, or provisioned and scaled with its use."""

from collections.abc import Iterable

from aws_cdk import aws_dynamodb as dynamodb

from infrastructure.settings import TableCapacity


def billing_mode(capacity: TableCapacity | None) -> dynamodb.BillingMode:
    """Return the billing mode for the stage's setting."""
    return dynamodb.BillingMode.PROVISIONED if capacity else dynamodb.BillingMode.PAY_PER_REQUEST


def scale(table: dynamodb.Table, capacity: TableCapacity | None, *, indexes: Iterable[str] = ()) -> None:
    """Scale the units of a table and of its indexes, each with its own use; do nothing if it is on demand.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
    """
    if capacity is None:
        return
    low, high = capacity.minimum_units, capacity.maximum_units
    scaled = [
        table.auto_scale_read_capacity(min_capacity=low, max_capacity=high),
        table.auto_scale_write_capacity(min_capacity=low, max_capacity=high),
    ]
    for index in indexes:
        scaled += [
            table.auto_scale_global_secondary_index_read_capacity(index, min_capacity=low, max_capacity=high),
            table.auto_scale_global_secondary_index_write_capacity(
                index, min_capacity=low, max_capacity=high
            ),
        ]
    for units in scaled:
        units.scale_on_utilization(target_utilization_percent=capacity.target_percent)
