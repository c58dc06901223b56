"""The map: who owns which fact, who reacts to it, and within which limits. Pure data, no CDK."""

from dataclasses import dataclass

STOREFRONT = "storefront"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, named in the past tense, and the one service that may say so."""

    name: str
    owner: str
    version: int = 1
    unheard: str | None = None
    """Why nobody reacts to it; required of a fact without a consumer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of one service; `name` is also its environment variable (`stock` → `STOCK_TABLE`)."""

    name: str
    partition_key: str
    sort_key: str | None = None
    expires: bool = False
    """Whether items carry `expires_at`, the time-to-live attribute, in epoch seconds."""
    actions: tuple[str, ...] = ()
    """The DynamoDB actions the service's functions use on it, and no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A service's queue and the function behind it."""

    reacts_to: tuple[str, ...]
    batch_size: int = 10
    timeout: int = 30
    """Seconds; the queue's visibility timeout is six times this (AWS: services-sqs-configure)."""
    memory: int = 256
    """Megabytes."""
    max_receive_count: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One folder under `functions/`, one stack, its tables, its consumer and its routes."""

    name: str
    consumer: Consumer
    tables: tuple[Table, ...] = ()
    routes: tuple[str, ...] = ()
    """HTTP API routes answered by `functions.<name>.api.handle`."""
    api_tables: tuple[str, ...] = ()
    """Which of the tables the API function uses."""
    reads_whole_log: bool = False
    """Whether the API function reads every owner's facts (it never writes another's)."""
    sends_mail: bool = False


IDEMPOTENCY = Table(
    name="idempotency",
    partition_key="id",
    expires=True,
    actions=("GetItem", "PutItem", "UpdateItem", "DeleteItem"),
)
"""The stock Powertools store, for services with an effect outside their tables."""

FACTS = (
    Fact(name="CheckoutCompleted", owner=STOREFRONT),
    Fact(name="OrderCreated", owner="orders"),
    Fact(name="OrderConfirmed", owner="orders"),
    Fact(name="OrderCancelled", owner="orders"),
    Fact(name="InventoryReserved", owner="inventory"),
    Fact(name="InventoryRejected", owner="inventory"),
    Fact(
        name="InventoryReleased",
        owner="inventory",
        unheard="closes the reservation in the history; the read model will project it",
    ),
    Fact(name="PaymentProcessed", owner="payments"),
    Fact(name="PaymentDeclined", owner="payments"),
    Fact(
        name="PaymentRefunded",
        owner="payments",
        unheard="closes the payment in the history; the read model will project it",
    ),
    Fact(name="ShipmentScheduled", owner="shipping"),
)

SERVICES = (
    Service(
        name="orders",
        routes=("POST /orders", "GET /orders/{id}"),
        tables=(
            Table(name="orders", partition_key="order_id", actions=("GetItem", "PutItem", "UpdateItem")),
            Table(name="catalogue", partition_key="sku", actions=("BatchGetItem",)),
        ),
        api_tables=("orders", "catalogue"),
        reads_whole_log=True,
        consumer=Consumer(
            reacts_to=(
                "CheckoutCompleted",
                "InventoryRejected",
                "PaymentProcessed",
                "PaymentDeclined",
                "ShipmentScheduled",
            )
        ),
    ),
    Service(
        name="inventory",
        tables=(Table(name="stock", partition_key="sku", actions=("UpdateItem",)),),
        consumer=Consumer(reacts_to=("OrderCreated", "OrderCancelled")),
    ),
    Service(
        name="payments",
        tables=(
            Table(name="attempts", partition_key="order_id", actions=("GetItem", "PutItem", "UpdateItem")),
            Table(name="gateway", partition_key="idempotency_key", actions=("PutItem",)),
            IDEMPOTENCY,
        ),
        consumer=Consumer(reacts_to=("InventoryReserved", "OrderCancelled")),
    ),
    Service(
        name="shipping",
        tables=(Table(name="shipments", partition_key="order_id", actions=("PutItem",)),),
        consumer=Consumer(reacts_to=("OrderConfirmed", "OrderCancelled")),
    ),
    Service(
        name="notifications",
        tables=(
            Table(name="contacts", partition_key="order_id", expires=True, actions=("GetItem", "PutItem")),
            IDEMPOTENCY,
        ),
        sends_mail=True,
        consumer=Consumer(
            reacts_to=("OrderCreated", "OrderConfirmed", "OrderCancelled", "ShipmentScheduled")
        ),
    ),
)


def fact(name: str) -> Fact:
    """The fact of that name; KeyError if there is none."""
    return {known.name: known for known in FACTS}[name]


def consumers_of(name: str) -> tuple[Service, ...]:
    """The services that react to the fact of that name."""
    return tuple(service for service in SERVICES if name in service.consumer.reacts_to)


def from_outside(known: Fact) -> bool:
    """Whether an outside producer says it, on the ingress bus; no service of ours may."""
    return known.owner not in {service.name for service in SERVICES}
