"""Orderbus as an application: its topology, its folders and the settings that only it has. No CDK."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from infrastructure.access.grants import PeopleGrants, TableGrant
from infrastructure.application import Application
from infrastructure.bridge_settings import Bridges
from infrastructure.business_alarms import OVERVIEW
from infrastructure.kafka_settings import KafkaBridge
from infrastructure.last_days import LastDays, check_last_days
from infrastructure.otlp_settings import OtlpExport
from infrastructure.packaging.bundles import Bundles
from infrastructure.pubsub_settings import PubsubBridge
from infrastructure.rabbitmq_settings import RabbitBridge
from infrastructure.services import Topology
from infrastructure.settings import AlarmSettings, Count, EmailAddress, Settings, is_example
from infrastructure.topology import FACTS, OUTSIDERS, TOPOLOGY

ROOT = Path(__file__).parents[1]
STRIPE_URL = "https://api.stripe.com"

HotSkus = Annotated[
    dict[Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9-]{0,39}$")], Annotated[int, Meta(ge=1, le=10)]],
    Meta(max_length=40),
]
"""The number of rows of each SKU's stock; forty SKUs fit a function's environment (4 KB)."""
GatewayUrl = Annotated[
    str, Meta(pattern=r"^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://127\.0\.0\.1:[0-9]{1,5})$")
]
"""An origin; without TLS only on this machine."""


class OrderbusBridges(Bridges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The brokers to which Orderbus has bridges."""

    kafka: KafkaBridge | None = None
    rabbitmq: RabbitBridge | None = None
    pubsub: PubsubBridge | None = None
    otlp: OtlpExport | None = None


class OrderbusAlarmSettings(AlarmSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The thresholds of alarms, with those of Orderbus alone."""

    declined_percent: Annotated[int, Meta(ge=1, le=100)]
    """The share of declined charges, in every five minutes of half an hour."""
    order_volume_deviations: Annotated[int, Meta(ge=1)] | None
    """The deviation from the expected number of orders, in standard deviations; null: no such alarm."""
    heartbeat_missing_minutes: Annotated[int, Meta(ge=5, le=55)]
    """Maximum time since the latest synthetic order was shipped."""
    heartbeat_seconds: Count
    """90th percentile from a synthetic order's checkout to its shipment."""


class OrderbusSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of Orderbus alone."""

    alarms: OrderbusAlarmSettings
    bridges: OrderbusBridges
    order_timeout_minutes: Count
    """The longest time from an order's creation to its shipment; then it is cancelled."""
    orders_per_minute: Count
    """The orders that one customer may place in a minute over the HTTP API."""
    open_orders: Count
    """The orders of one customer that may be neither shipped nor cancelled."""
    heartbeat_minutes: Annotated[int, Meta(ge=4, le=10)] | None
    """The time between two synthetic orders; null: none, and no alarm on the lack of orders."""
    hot_skus: HotSkus
    """SKUs that sell too fast for one row; set one that no longer does to 1 (docs/decisions/0021)."""
    sales_shards: Annotated[int, Meta(ge=1, le=32)]
    """Partitions of the sales of a day, each for about a thousand orders a second."""
    publish_versions: dict[str, Count]
    """Events that are published in an older major version, until every consumer reads the latest.

    docs/events/evolving.md has the order of a rollout.
    """
    accept_older_until: LastDays
    """The last day on which outside producers may publish each older version; a later day extends it."""
    gateway: Literal["simulated", "stripe"]
    """The payment gateway: a simulated one that moves no money, or Stripe."""
    gateway_url: GatewayUrl | None
    """Stripe's address, if not its own: a test server on this machine."""
    sender_address: EmailAddress
    sender_identity: Literal["create", "existing"]
    """Whether the stack makes SES's identity of the address, or the account has it or its domain's."""

    def __post_init__(self) -> None:
        """Reject an address of the simulated gateway, and alarms that cannot work."""
        super().__post_init__()
        if self.alarms.selection == "essential" and self.alarms.order_volume_deviations:
            raise ValueError("order_volume_deviations is of an alarm that is not essential: set it to null")
        if self.alarms.heartbeat_missing_minutes <= (self.heartbeat_minutes or 0):
            raise ValueError(
                f"a heartbeat every {self.heartbeat_minutes} minutes is missing before the next one:"
                " raise alarms.heartbeat_missing_minutes"
            )
        if self.gateway_url and self.gateway == "simulated":
            raise ValueError("the simulated gateway has no gateway_url: set it to null")

    def check(self, topology: Topology) -> None:
        """Raise ValueError for a version in which an event cannot be published or accepted, too."""
        super().check(topology)
        check_last_days(self.accept_older_until, topology)
        known = {(fact.name, major) for fact in FACTS for major in (fact.version, *fact.older_until)}
        if unknown := sorted({*self.publish_versions.items()} - known):
            names = ", ".join(f"{name}: {major}" for name, major in unknown)
            raise ValueError(f"publish_versions has unknown versions: {names}; use one in schemas/")

    @property
    def unfinished(self) -> dict[str, str]:
        """Return what production lacks, too: a gateway that moves money, and a sender that exists."""
        found = super().unfinished
        if not self.production:
            return found
        if self.gateway == "simulated":
            found["gateway"] = "no customer is charged: set it to stripe"
        if self.gateway_url:
            found["gateway_url"] = "charges go to a test server: set it to null"
        if is_example(self.sender_address):
            found["sender_address"] = "SES cannot verify an example: name an address of your domain"
        return found

    @property
    def stripe_url(self) -> str | None:
        """Stripe's address, or None where it is not the gateway."""
        return (self.gateway_url or STRIPE_URL) if self.gateway == "stripe" else None


PEOPLE = PeopleGrants(
    operates="replays, stock and views",
    observer_tables=(
        TableGrant(sid="ReadPayments", service="payments", table="attempts", actions=("GetItem",)),
        TableGrant(sid="ReadStock", service="inventory", table="stock", actions=("Scan",)),
        TableGrant(sid="ReadSales", service="views", table="sales", actions=("Query",)),
        TableGrant(sid="ReadListings", service="views", table="listings", actions=("Query",)),
    ),
    operator_tables=(
        TableGrant(
            sid="SetReorderLevels",
            service="inventory",
            table="stock",
            actions=("UpdateItem",),
            attributes=("sku", "reorder_level"),  # not the stock
        ),
    ),
    operator_sources=OUTSIDERS,
    read_model="views",
)

ORDERBUS = Application(
    name="orderbus",
    domain="order",
    topology=TOPOLOGY,
    bundles=Bundles(
        code_root=ROOT,
        build=ROOT / "build",
        lock=ROOT / "requirements" / "lambda.txt",
        aws_services=frozenset({"dynamodb", "events", "secretsmanager", "sesv2", "sqs"}),
    ),
    schemas=ROOT / "schemas",
    runbook="docs/runbook.md",
    api_client="storefront",
    settings=OrderbusSettings,
    overview=OVERVIEW,
    people=PEOPLE,
)
