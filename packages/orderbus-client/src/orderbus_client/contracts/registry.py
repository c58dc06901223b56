# Copied from functions/contracts/registry.py by `python -m client_package`: change the original.
"""All facts of Orderbus, and what else the shared library has to know of this domain."""

from collections.abc import Mapping

from orderbus_client.contracts.fraud import FraudSuspected
from orderbus_client.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
    StockRanLow,
)
from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from orderbus_client.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from orderbus_client.contracts.shipping import ShipmentScheduled
from orderbus_client.contracts.storefront import CheckoutCompleted
from orderbus_client.contracts.values import NAMESPACE, OrderId
from orderbus_client.contracts.warehouse import StockReplenished
from orderbus_client.contracts.shared.domain_contracts import DomainContracts
from orderbus_client.contracts.shared.fact import Fact

ORDER_FACTS: tuple[type[OrderFact], ...] = (
    OrderCreated,
    OrderConfirmed,
    OrderCancelled,
    InventoryReserved,
    InventoryRejected,
    InventoryReleased,
    PaymentProcessed,
    PaymentDeclined,
    PaymentRefunded,
    ShipmentScheduled,
    FraudSuspected,
)
ALL: tuple[type[Fact], ...] = (CheckoutCompleted, StockReplenished, *ORDER_FACTS, StockAdded, StockRanLow)
FACTS: Mapping[str, type[Fact]] = {fact.__name__: fact for fact in ALL}

DECISIONS: tuple[tuple[str, str], ...] = tuple(
    dict.fromkeys((fact.owner, fact.decision) for fact in ORDER_FACTS)
)
"""Every decision on an order, as (owner, decision), in the usual order."""

CONTRACTS = DomainContracts(
    name="Orderbus",
    urn="urn:orderbus",
    id_namespace=NAMESPACE,
    facts=FACTS,
    log_field="order_id",
    log_type=OrderId,
)
