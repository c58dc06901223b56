"""The map: who owns which fact, who reacts to it, and within which limits. Pure data, no CDK."""

from infrastructure.services import (
    Api,
    Consumer,
    Deadlines,
    Fact,
    Levels,
    Reconciliation,
    Service,
    Webhooks,
)
from infrastructure.tables import Index, Table

STOREFRONT = "storefront"
WAREHOUSE = "warehouse"
OUTSIDERS = (STOREFRONT, WAREHOUSE)
"""Who states facts on the ingress bus; no service of ours."""


IDEMPOTENCY = Table(name="idempotency", partition_key="id", expires=True)
"""Powertools' own store, for services with an effect outside their tables."""

IDEMPOTENCY_ACTIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")

AUDIT = Table(name="audit", partition_key="action_id", sort_key="entry")
"""What operators did to dead letters; no function of ours uses it (docs/decisions/0029)."""

FOR_OTHERS = "warehouses and buyers take it from the bus, by `forward` in cdk.json"

FACTS = (
    Fact(name="CheckoutCompleted", owner=STOREFRONT),
    Fact(name="StockReplenished", owner=WAREHOUSE),
    Fact(name="OrderCreated", owner="orders"),
    Fact(name="OrderConfirmed", owner="orders"),
    Fact(name="OrderCancelled", owner="orders"),
    Fact(name="InventoryReserved", owner="inventory"),
    Fact(name="InventoryRejected", owner="inventory"),
    Fact(name="InventoryReleased", owner="inventory"),
    Fact(name="StockAdded", owner="inventory", unheard=FOR_OTHERS),
    Fact(name="StockRanLow", owner="inventory", unheard=FOR_OTHERS),
    Fact(name="PaymentProcessed", owner="payments"),
    Fact(name="PaymentDeclined", owner="payments"),
    Fact(name="PaymentRefunded", owner="payments"),
    Fact(name="ShipmentScheduled", owner="shipping"),
    Fact(name="FraudSuspected", owner="fraud"),
)

SERVICES = (
    Service(
        name="orders",
        tables=(
            Table(
                name="orders",
                partition_key="order_id",
                indexes=(Index(name="open-orders", partition_key="open_in", sort_key="open_since"),),
            ),
            Table(name="catalogue", partition_key="sku"),
        ),
        api=Api(
            routes=(
                "POST /orders",
                "GET /orders/{id}",
                "POST /orders/{id}/cancellation",
                "GET /openapi.json",
            ),
            uses={"orders": ("GetItem", "PutItem", "UpdateItem"), "catalogue": ("BatchGetItem",)},
            reads_whole_log=True,
        ),
        consumer=Consumer(
            reacts_to=(
                "CheckoutCompleted",
                "InventoryRejected",
                "PaymentProcessed",
                "PaymentDeclined",
                "ShipmentScheduled",
                "FraudSuspected",
            ),
            uses={"orders": ("GetItem", "PutItem", "UpdateItem")},
            rings_at={
                "FraudSuspectedTooLate": "A suspicious order is with the carrier: stop the parcel there."
            },
        ),
        deadlines=Deadlines(
            uses={"orders": ("GetItem", "UpdateItem"), "orders/index/open-orders": ("Query",)}
        ),
        excludes=("shipping",),  # a shipped order cannot be cancelled
        ships=("schemas/openapi.json",),  # of every service's routes; orders answers for all
    ),
    Service(
        name="inventory",
        tables=(Table(name="stock", partition_key="sku", streams=True),),
        knows_hot_skus=True,
        consumer=Consumer(
            reacts_to=("OrderCreated", "OrderCancelled", "StockReplenished"),
            uses={"stock": ("GetItem", "UpdateItem")},
        ),
        levels=Levels(
            table="stock",
            attributes={"reorder_level": "N", "shard_of": "S"},
            uses={"stock": ("GetItem",)},
        ),
    ),
    Service(
        name="payments",
        moves_money=True,
        tables=(
            Table(
                name="attempts",
                partition_key="order_id",
                indexes=(Index(name="open-attempts", partition_key="open_in", sort_key="due_at"),),
            ),
            Table(name="gateway", partition_key="idempotency_key", only_with="simulated"),
            IDEMPOTENCY,
        ),
        consumer=Consumer(
            reacts_to=("InventoryReserved", "OrderCancelled"),
            uses={
                "attempts": ("GetItem", "PutItem", "UpdateItem"),
                "gateway": ("PutItem",),
                "idempotency": IDEMPOTENCY_ACTIONS,
            },
            rings_at={
                "PaymentDisputed": "The customer's bank took the money of a cancelled order back (a dispute)."
            },
            batch_size=2,
            reaction_seconds=11,  # each may wait for the gateway for ten seconds
            reserve_seconds=17,
        ),
        reconciliation=Reconciliation(
            uses={
                "attempts": ("GetItem", "UpdateItem"),
                "attempts/index/open-attempts": ("Query",),
                "gateway": ("GetItem", "PutItem"),
            },
        ),
        webhooks=Webhooks(
            route="POST /webhooks/payments",
            only_with="stripe",
            uses={"attempts": ("GetItem", "UpdateItem")},
        ),
    ),
    Service(
        name="shipping",
        tables=(Table(name="shipments", partition_key="order_id"),),
        consumer=Consumer(reacts_to=("OrderConfirmed", "OrderCancelled"), uses={"shipments": ("PutItem",)}),
        excludes=("orders",),  # a cancelled order cannot be shipped
    ),
    Service(
        name="fraud",
        tables=(
            Table(name="judgements", partition_key="order_id"),
            Table(name="customers", partition_key="customer_id", sort_key="record", expires=True),
        ),
        consumer=Consumer(
            reacts_to=("OrderCreated",),
            uses={"judgements": ("PutItem",), "customers": ("BatchGetItem", "UpdateItem")},
        ),
    ),
    Service(
        name="notifications",
        tables=(Table(name="contacts", partition_key="order_id", expires=True), IDEMPOTENCY),
        sends_mail=True,
        consumer=Consumer(
            reacts_to=(
                "OrderCreated",
                "OrderConfirmed",
                "OrderCancelled",
                "PaymentRefunded",
                "ShipmentScheduled",
            ),
            uses={"contacts": ("GetItem", "PutItem"), "idempotency": IDEMPOTENCY_ACTIONS},
            batch_size=4,
            reaction_seconds=17,  # SES is waited for; a second email cannot be taken back
            reserve_seconds=23,
            timeout=75,
            accepts_replays=False,  # nor can the first
        ),
    ),
    Service(
        name="views",
        tables=(
            Table(name="progress", partition_key="order_id"),
            Table(name="listings", partition_key="customer_id", sort_key="position"),
            Table(name="sales", partition_key="day", sort_key="sale"),
        ),
        api=Api(
            routes=("GET /orders",),
            uses={"progress": ("BatchGetItem",), "listings": ("Query",)},
        ),
        consumer=Consumer(
            reacts_to=(
                "OrderCreated",
                "InventoryReserved",
                "InventoryReleased",
                "PaymentProcessed",
                "PaymentDeclined",
                "PaymentRefunded",
                "OrderConfirmed",
                "OrderCancelled",
                "ShipmentScheduled",
            ),
            uses={"progress": ("UpdateItem",), "listings": ("PutItem",), "sales": ("BatchWriteItem",)},
        ),
    ),
)


WAY_TO_SHIPMENT = ("orders", "inventory", "payments", "shipping")
"""The services that every order waits for; the others hear of it, and nobody waits for them."""


def fact(name: str) -> Fact:
    """The fact of that name; KeyError if there is none."""
    return {known.name: known for known in FACTS}[name]


def consumers_of(name: str) -> tuple[Service, ...]:
    """The services that react to the fact of that name."""
    return tuple(service for service in SERVICES if name in service.consumer.reacts_to)


def states_facts(service: Service) -> bool:
    """Whether the service appends to the event log."""
    return any(known.owner == service.name for known in FACTS)


def from_outside(known: Fact) -> bool:
    """Whether an outside producer says it, on the ingress bus; no service of ours may."""
    return known.owner not in {service.name for service in SERVICES}
