"""All facts of Orderbus, and what else the shared library has to know of this domain."""

from collections.abc import Mapping

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inventory import (
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    StockAdded,
    StockRanLow,
)
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.storefront import CheckoutCompleted
from functions.contracts.values import NAMESPACE, OrderId
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts.domain_contracts import DomainContracts
from functions.shared.contracts.fact import Fact

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
