"""The bridges to other brokers: what each sends and what it takes in. No CDK.

A bridge is a folder of `functions/` and a row here; a stage has it if its setting `bridges` has its row.
"""

from infrastructure.services import Function, Secret, Service
from infrastructure.tables import IS_SET
from infrastructure.triggers import MessageBroker, Queue

EVERY_FACT = (
    *("OrderCreated", "OrderConfirmed", "OrderCancelled", "ShipmentScheduled", "FraudSuspected"),
    *("InventoryReserved", "InventoryRejected", "InventoryReleased", "StockAdded", "StockRanLow"),
    *("PaymentProcessed", "PaymentDeclined", "PaymentRefunded"),
)
"""Every fact of ours; a row of `bridges` may select some."""

RABBITMQ = Service(
    name="rabbitmq",
    only_when={"bridges.rabbitmq": IS_SET},
    folders=("bridges",),
    packages="rabbitmq",
    secret=Secret(
        name="rabbitmq",
        variable="RABBITMQ_SECRET",
        description="JSON: username and password of the bridge's user at RabbitMQ.",
    ),
    functions=(
        Function(
            module="handler",
            trigger=Queue(
                reacts_to=EVERY_FACT,
                # A visibility timeout of 270 seconds each: an outage of a day is retried.
                max_receive_count=320,
            ),
            settings={
                "RABBITMQ_URL": "bridges.rabbitmq.url",
                "RABBITMQ_EXCHANGE": "bridges.rabbitmq.exchange",
                "FACTS": "bridges.rabbitmq.facts",
            },
            # The secret, and twice a connection (4.5 s), the confirms (5 s) and a farewell (0.5 s).
            timeout_seconds=45,
        ),
        Function(
            module="inbound",
            trigger=MessageBroker(
                arn="bridges.rabbitmq.inbound.broker_arn",
                queue="bridges.rabbitmq.inbound.queue",
                virtual_host="bridges.rabbitmq.virtual_host",
            ),
            puts_on_ingress=True,
            only_when={"bridges.rabbitmq.inbound": IS_SET},
        ),
    ),
)

BRIDGES: tuple[Service, ...] = (RABBITMQ,)
