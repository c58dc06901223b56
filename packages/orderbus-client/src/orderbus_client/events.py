# Written by `python -m client_package`.
"""Every event of Orderbus, and the values they hold."""

from orderbus_client.contracts.fraud import (
    FraudSuspected,
)
from orderbus_client.contracts.inbound import (
    EnteredAddress,
    EnteredCustomer,
)
from orderbus_client.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
    StockRanLow,
)
from orderbus_client.contracts.order_fact import (
    OrderFact,
)
from orderbus_client.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    OrderCreatedV1,
)
from orderbus_client.contracts.payments import (
    PaymentDeclined,
    PaymentProcessed,
    PaymentRefunded,
)
from orderbus_client.contracts.shipping import (
    ShipmentScheduled,
)
from orderbus_client.contracts.storefront import (
    CheckoutCompleted,
    CheckoutCompletedV1,
)
from orderbus_client.contracts.values import (
    Address,
    Customer,
    Line,
    Money,
    PricedLine,
    StockLine,
)
from orderbus_client.contracts.warehouse import (
    StockReplenished,
)

__all__ = [
    "Address",
    "CheckoutCompleted",
    "CheckoutCompletedV1",
    "Customer",
    "EnteredAddress",
    "EnteredCustomer",
    "FraudSuspected",
    "InventoryRejected",
    "InventoryReleased",
    "InventoryReserved",
    "Line",
    "Money",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderCreated",
    "OrderCreatedV1",
    "OrderFact",
    "PaymentDeclined",
    "PaymentProcessed",
    "PaymentRefunded",
    "PricedLine",
    "ShipmentScheduled",
    "StockAdded",
    "StockLine",
    "StockRanLow",
    "StockReplenished",
]
