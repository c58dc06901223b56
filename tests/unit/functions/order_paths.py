"""The paths of an order, as the facts published on them, in causal order."""

from collections.abc import Mapping

from functions.contracts.order_fact import OrderFact
from tests.unit.functions.builders import (
    a_fraud_suspected,
    a_payment_declined,
    a_payment_processed,
    a_payment_refunded,
    a_shipment_scheduled,
    an_inventory_rejected,
    an_inventory_released,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)

CREATED, RESERVED, CONFIRMED = an_order_created(), an_inventory_reserved(), an_order_confirmed()
PAID, SHIPPED = a_payment_processed(), a_shipment_scheduled()
UNDONE = (an_inventory_released(), a_payment_refunded())
NEVER_PAID = (an_inventory_released(), a_payment_declined(reason="order_cancelled"))
CUSTOMER = an_order_cancelled()
LATE = an_order_cancelled(reason="timed_out")
FRAUD = an_order_cancelled(reason="fraud_suspected")

PATHS: Mapping[str, tuple[OrderFact, ...]] = {
    "shipped": (CREATED, RESERVED, PAID, CONFIRMED, SHIPPED),
    "shipped, suspected too late": (CREATED, RESERVED, PAID, CONFIRMED, SHIPPED, a_fraud_suspected()),
    "out of stock": (CREATED, an_inventory_rejected(), an_order_cancelled(reason="out_of_stock")),
    "declined": (
        *(CREATED, RESERVED, a_payment_declined()),
        *(an_order_cancelled(reason="payment_declined"), an_inventory_released()),
    ),
    "cancelled before it is paid": (CREATED, RESERVED, CUSTOMER, *NEVER_PAID),
    "cancelled as it is paid": (CREATED, RESERVED, PAID, CUSTOMER, *UNDONE),
    "cancelled when confirmed": (CREATED, RESERVED, PAID, CONFIRMED, CUSTOMER, *UNDONE),
    "timed out before it is paid": (CREATED, RESERVED, LATE, *NEVER_PAID),
    "timed out when confirmed": (CREATED, RESERVED, PAID, CONFIRMED, LATE, *UNDONE),
    "suspected before it is paid": (CREATED, RESERVED, a_fraud_suspected(), FRAUD, *NEVER_PAID),
    "suspected when confirmed": (CREATED, RESERVED, PAID, CONFIRMED, a_fraud_suspected(), FRAUD, *UNDONE),
}
