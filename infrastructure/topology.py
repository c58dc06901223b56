"""The topology of Orderbus: who publishes and consumes which fact, and each function's limits. No CDK."""

from infrastructure.business_alarms import (
    DEADLINE_ALARMS,
    FRAUD_ALARMS,
    OLDER_VERSION_ALARMS,
    PAYMENT_ALARMS,
    RECONCILIATION_ALARMS,
    WEBHOOK_ALARMS,
)
from infrastructure.monitors import MONITORS, SILENT_ALARMS
from infrastructure.neighbours import BRIDGES
from infrastructure.services import EmailSender, FactDeclaration, Function, Secret, Service, Topology
from infrastructure.stream_consumers import STREAM_CONSUMERS
from infrastructure.tables import Index, Table
from infrastructure.triggers import EveryMinute, Queue, Routes, TableStream, Webhook

STOREFRONT = "storefront"
WAREHOUSE = "warehouse"
OUTSIDERS = (STOREFRONT, WAREHOUSE)
"""The producers on the ingress bus; none is a service."""

API_TIMEOUT_SECONDS = 10
"""API Gateway times out after thirty seconds, and a customer long before."""
API_MEMORY_MB = 512
"""More memory is more processor: a customer waits for the response."""
WEBHOOK_TIMEOUT_SECONDS = 25
"""It may request a refund; API Gateway times out after thirty seconds."""
MINUTE_TIMEOUT_SECONDS = 50
"""It ends before the next one starts."""

WITH_SIMULATED_GATEWAY = {"gateway": "simulated"}
WITH_STRIPE = {"gateway": "stripe"}
FOR_OTHERS = "warehouses and buyers receive it by `forward` in cdk.json"
FOR_READERS = "`GET /orders` and `orderbus trace` read it in the event log"

FACTS = (
    FactDeclaration(
        name="CheckoutCompleted",
        owner=STOREFRONT,
        also_from=("heartbeat",),
        version=2,
        older_until={1: "2027-06-30"},
    ),
    FactDeclaration(name="StockReplenished", owner=WAREHOUSE, also_from=("heartbeat",)),
    FactDeclaration(name="OrderCreated", owner="orders", version=2, older_until={1: "2027-06-30"}),
    FactDeclaration(name="OrderConfirmed", owner="orders"),
    FactDeclaration(name="OrderCancelled", owner="orders"),
    FactDeclaration(name="InventoryReserved", owner="inventory"),
    FactDeclaration(name="InventoryRejected", owner="inventory"),
    FactDeclaration(name="InventoryReleased", owner="inventory", no_consumer_because=FOR_READERS),
    FactDeclaration(name="StockAdded", owner="inventory", no_consumer_because=FOR_OTHERS),
    FactDeclaration(name="StockRanLow", owner="inventory", no_consumer_because=FOR_OTHERS),
    FactDeclaration(name="PaymentProcessed", owner="payments"),
    FactDeclaration(name="PaymentDeclined", owner="payments"),
    FactDeclaration(name="PaymentRefunded", owner="payments"),
    FactDeclaration(name="ShipmentScheduled", owner="shipping"),
    FactDeclaration(name="FraudSuspected", owner="fraud"),
)

SERVICES = (
    Service(
        name="orders",
        tables=(
            Table(name="waiting", partition_key="open_in", sort_key="open_since"),
            Table(name="catalogue", partition_key="sku"),
            Table(name="placements", partition_key="customer_minute", expires=True),
        ),
        functions=(
            Function(
                module="handler",
                trigger=Queue(
                    reacts_to=(
                        "CheckoutCompleted",
                        "InventoryRejected",
                        "PaymentProcessed",
                        "PaymentDeclined",
                        "FraudSuspected",
                    ),
                ),
                uses={"waiting": ("PutItem",)},
                settings={"ACCEPT_OLDER_UNTIL": "accept_older_until"},
                alarms=FRAUD_ALARMS + OLDER_VERSION_ALARMS + SILENT_ALARMS,
            ),
            Function(
                module="api",
                trigger=Routes(
                    (
                        "POST /orders",
                        "GET /orders/{id}",
                        "POST /orders/{id}/cancellation",
                        "GET /openapi.json",
                        "GET /asyncapi.json",
                    )
                ),
                uses={
                    "waiting": ("PutItem",),
                    "placements": ("GetItem", "UpdateItem"),
                    "catalogue": ("BatchGetItem",),
                },
                settings={
                    "VERIFIED_EMAIL": "verified_email",
                    "ORDERS_PER_MINUTE": "orders_per_minute",
                    "OPEN_ORDERS": "open_orders",
                },
                reads_event_log=True,
                timeout_seconds=API_TIMEOUT_SECONDS,
                memory_mb=API_MEMORY_MB,
            ),
            Function(
                module="deadlines",
                trigger=EveryMinute("ends what has been open for too long"),
                uses={"waiting": ("Query", "PutItem", "DeleteItem", "BatchWriteItem")},
                reads_event_log=True,
                timeout_seconds=MINUTE_TIMEOUT_SECONDS,
                settings={"ORDER_TIMEOUT_MINUTES": "order_timeout_minutes"},
                alarms=DEADLINE_ALARMS,
            ),
        ),
        settings={"PUBLISH_VERSIONS": "publish_versions"},
        claims=True,  # a shipped order cannot be cancelled
        files=("schemas/openapi.json", "schemas/asyncapi.json"),  # of every service; orders serves them
    ),
    Service(
        name="inventory",
        tables=(Table(name="stock", partition_key="sku", streams=True),),
        settings={"HOT_SKUS": "hot_skus"},
        functions=(
            Function(
                module="handler",
                trigger=Queue(reacts_to=("OrderCreated", "OrderCancelled", "StockReplenished")),
                uses={"stock": ("GetItem", "UpdateItem")},
                alarms=SILENT_ALARMS,
            ),
            Function(
                module="levels",
                trigger=TableStream(table="stock", attributes={"reorder_level": "N", "shard_of": "S"}),
                uses={"stock": ("GetItem",)},
            ),
        ),
    ),
    Service(
        name="payments",
        tables=(
            Table(
                name="attempts",
                partition_key="order_id",
                indexes=(Index(name="open-attempts", partition_key="open_in", sort_key="due_at"),),
            ),
            Table(name="gateway", partition_key="idempotency_key", only_when=WITH_SIMULATED_GATEWAY),
        ),
        settings={"PAYMENT_GATEWAY": "gateway", "STRIPE_URL": "stripe_url"},
        secret=Secret(
            name="payment-gateway",
            variable="PAYMENT_SECRET",
            description="JSON: api_key (sk_…) and webhook_secret (whsec_…) of the payment provider.",
            only_when=WITH_STRIPE,
        ),
        functions=(
            Function(
                module="handler",
                trigger=Queue(
                    reacts_to=("InventoryReserved", "OrderCancelled"),
                    batch_size=2,
                    reaction_seconds=11,  # each may wait ten seconds for the gateway
                    reserve_seconds=17,
                ),
                uses={"attempts": ("GetItem", "PutItem", "UpdateItem"), "gateway": ("PutItem",)},
                alarms=PAYMENT_ALARMS + SILENT_ALARMS,
            ),
            Function(
                module="reconciliation",
                trigger=EveryMinute("finds out what became of payments of unknown outcome"),
                uses={
                    "attempts": ("GetItem", "UpdateItem"),
                    "attempts/index/open-attempts": ("Query",),
                    "gateway": ("GetItem", "PutItem"),
                },
                timeout_seconds=MINUTE_TIMEOUT_SECONDS,
                alarms=RECONCILIATION_ALARMS,
            ),
            Function(
                module="webhooks",
                trigger=Webhook("POST /webhooks/payments"),
                only_when=WITH_STRIPE,
                uses={"attempts": ("GetItem", "UpdateItem")},
                timeout_seconds=WEBHOOK_TIMEOUT_SECONDS,
                alarms=WEBHOOK_ALARMS,
            ),
        ),
    ),
    Service(
        name="shipping",
        functions=(
            Function(
                module="handler",
                trigger=Queue(reacts_to=("OrderConfirmed",)),
                alarms=SILENT_ALARMS,
            ),
        ),
        claims=True,  # a cancelled order cannot be shipped
    ),
    Service(
        name="fraud",
        tables=(Table(name="customers", partition_key="customer_id", sort_key="record", expires=True),),
        functions=(
            Function(
                module="handler",
                trigger=Queue(reacts_to=("OrderCreated",), may_wait=True),
                uses={"customers": ("GetItem", "Query", "UpdateItem")},
                alarms=SILENT_ALARMS,
            ),
        ),
    ),
    Service(
        name="notifications",
        tables=(Table(name="contacts", partition_key="order_id", expires=True),),
        email_sender=EmailSender(
            variable="SENDER_ADDRESS", address_setting="sender_address", identity_setting="sender_identity"
        ),
        functions=(
            Function(
                module="handler",
                trigger=Queue(
                    reacts_to=(
                        "OrderCreated",
                        "OrderConfirmed",
                        "OrderCancelled",
                        "PaymentRefunded",
                        "ShipmentScheduled",
                    ),
                    batch_size=4,
                    may_wait=True,
                    reaction_seconds=17,  # it waits for SES: a second email cannot be taken back
                    reserve_seconds=30,
                    accepts_replays=False,  # each would send its email again
                ),
                uses={"contacts": ("BatchGetItem", "GetItem", "PutItem", "UpdateItem")},
                timeout_seconds=82,
                alarms=SILENT_ALARMS,
            ),
        ),
    ),
    Service(
        name="views",
        tables=(
            Table(name="listings", partition_key="customer_id", sort_key="position"),
            Table(name="sales", partition_key="day", sort_key="order_id"),
        ),
        functions=(
            Function(
                module="handler",
                trigger=Queue(reacts_to=("OrderCreated", "ShipmentScheduled"), may_wait=True),
                uses={"listings": ("BatchWriteItem",), "sales": ("BatchWriteItem",)},
                settings={"SALES_SHARDS": "sales_shards"},
                alarms=SILENT_ALARMS,
            ),
            Function(
                module="api",
                trigger=Routes(("GET /orders",)),
                uses={"listings": ("Query",)},
                reads_event_log=True,
                timeout_seconds=API_TIMEOUT_SECONDS,
                memory_mb=API_MEMORY_MB,
            ),
        ),
    ),
)

TOPOLOGY = Topology(
    facts=FACTS, services=SERVICES, stream_consumers=STREAM_CONSUMERS, monitors=MONITORS, bridges=BRIDGES
)
fact = TOPOLOGY.fact
consumers_of = TOPOLOGY.consumers_of
publishes_facts = TOPOLOGY.publishes_facts
is_external = TOPOLOGY.is_external
