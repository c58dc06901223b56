"""The bridges to other brokers: what each sends and what it takes in. No CDK.

A bridge is a folder of `functions/` and a row here; a stage has it if its setting `bridges` has its row.
"""

from infrastructure.observability.alarms import INBOUND_ALARMS
from infrastructure.services import Function, Secret, Service
from infrastructure.tables import IS_SET
from infrastructure.triggers import EventStream, KafkaTopic, Queue

EVERY_FACT = (
    "OrderCreated",
    "OrderConfirmed",
    "OrderCancelled",
    "InventoryReserved",
    "InventoryRejected",
    "InventoryReleased",
    "StockAdded",
    "StockRanLow",
    "PaymentProcessed",
    "PaymentDeclined",
    "PaymentRefunded",
    "ShipmentScheduled",
    "FraudSuspected",
)
"""What a bridge sends unless its row selects less."""
A_DAY_OF_RECEIVES = 480
"""An outage of the broker is retried for a day, at three minutes each, and then dead-lettered."""

KAFKA = Service(
    name="kafka",
    only_when={"bridges.kafka": IS_SET},
    folders=("bridges",),
    packages="kafka",
    secret=Secret(
        name="kafka",
        variable="KAFKA_SECRET",
        description="JSON: username and password of the Kafka cluster.",
        only_when={"bridges.kafka.sasl": IS_SET},
    ),
    settings={
        "FACTS": "bridges.kafka.facts",
        "KAFKA_SERVERS": "bridges.kafka.servers",
        "KAFKA_TOPIC": "bridges.kafka.topic",
        "KAFKA_SASL": "bridges.kafka.sasl",
    },
    functions=(
        Function(
            module="handler",
            trigger=Queue(
                reacts_to=EVERY_FACT,
                reaction_seconds=0,  # a batch is sent together
                reserve_seconds=19,
                max_receive_count=A_DAY_OF_RECEIVES,
            ),
            only_when={"bridges.kafka.ordered": False},
        ),
        Function(
            module="ordered",
            trigger=EventStream(reports_failures=True),
            only_when={"bridges.kafka.ordered": True},
        ),
        Function(
            module="inbound",
            trigger=KafkaTopic(bridge="bridges.kafka"),
            puts_on_ingress=True,
            only_when={"bridges.kafka.inbound": IS_SET},
            alarms=INBOUND_ALARMS,
        ),
    ),
)
BRIDGES: tuple[Service, ...] = (KAFKA,)
