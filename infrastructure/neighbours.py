"""The bridges to other brokers: what each sends and what it takes in. No CDK.

A bridge is a folder of `functions/` and a row here; a stage has it if its setting `bridges` has its row.
"""

from infrastructure.monitors import SILENT_ALARMS, silent_bridge
from infrastructure.observability.alarm_row import AlarmRow, MetricRow, Severity
from infrastructure.observability.alarms import INBOUND_ALARMS
from infrastructure.services import Function, Secret, Service
from infrastructure.tables import IS_SET
from infrastructure.triggers import EventStream, KafkaTopic, MessageBroker, Queue, TokenRoute

EVERY_FACT = (
    *("OrderCreated", "OrderConfirmed", "OrderCancelled", "ShipmentScheduled", "FraudSuspected"),
    *("InventoryReserved", "InventoryRejected", "InventoryReleased", "StockAdded", "StockRanLow"),
    *("PaymentProcessed", "PaymentDeclined", "PaymentRefunded"),
)
"""Every fact of ours; a row of `bridges` may select some."""

KAFKA = Service(
    name="kafka",
    only_when={"bridges.kafka": IS_SET},
    folders=("bridges",),
    packages="kafka",
    secret=Secret(
        name="kafka",
        variable="KAFKA_SECRET",
        description="JSON: username and password of the Kafka cluster.",
        only_when={"bridges.kafka.needs_secret": True},
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
                reserve_seconds=20,
                # A visibility timeout of 180 seconds each: an outage of a day is retried.
                max_receive_count=480,
            ),
            network="bridges.kafka.vpc",
            writes_topic_of="bridges.kafka",
            only_when={"bridges.kafka.topic": IS_SET, "bridges.kafka.ordered": False},
            alarms=silent_bridge("kafka"),
        ),
        Function(
            module="ordered",
            trigger=EventStream(reports_failures=True),
            network="bridges.kafka.vpc",
            writes_topic_of="bridges.kafka",
            only_when={"bridges.kafka.ordered": True},
            alarms=SILENT_ALARMS,
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
            network="bridges.rabbitmq.vpc",
            only_when={"bridges.rabbitmq.exchange": IS_SET},
            alarms=silent_bridge("rabbitmq"),
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
            alarms=INBOUND_ALARMS,
        ),
    ),
)

GOOGLE = "https://accounts.google.com"
"""https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions"""

PUBSUB = Service(
    name="pubsub",
    only_when={"bridges.pubsub": IS_SET},
    folders=("bridges",),
    functions=(
        Function(
            module="handler",
            trigger=Queue(
                reacts_to=EVERY_FACT,
                # A visibility timeout of 180 seconds each: an outage of a day is retried.
                max_receive_count=480,
            ),
            settings={
                "PUBSUB_URL": "bridges.pubsub.endpoint",
                "TOKEN_URL": "bridges.pubsub.token_url",
                "IDENTITY_PROVIDER": "bridges.pubsub.identity_provider",
                "TOPIC": "bridges.pubsub.topic",
                "OTHER_TOPICS": "bridges.pubsub.other_topics",
                "FACTS": "bridges.pubsub.facts",
            },
            only_when={"bridges.pubsub.topic": IS_SET},
            alarms=silent_bridge("pubsub"),
        ),
        Function(
            module="push",
            trigger=TokenRoute(route="POST /neighbours/pubsub", issuer=GOOGLE),
            only_when={"bridges.pubsub.push_service_account": IS_SET},
            puts_on_ingress=True,
            settings={"PUSH_SERVICE_ACCOUNT": "bridges.pubsub.push_service_account"},
            alarms=INBOUND_ALARMS,
        ),
    ),
)

SPAN_ALARMS = (
    AlarmRow(
        id="SpansRejected",
        name="spans-rejected",
        kind="errors",
        severity=Severity.TICKET,
        metric=MetricRow(name="SpansRejected"),
        meaning="The collector rejects spans of {name} for good; its log has the reason.",
    ),
)
"""Alarms of a function that sends spans."""

OTLP = Service(
    name="otlp",
    only_when={"bridges.otlp": IS_SET},
    secret=Secret(
        name="otlp",
        variable="OTLP_SECRET",
        description="JSON: the headers of requests to the collector, such as a vendor's key.",
        only_when={"bridges.otlp.headers_secret": True},
    ),
    functions=(
        Function(
            module="handler",
            trigger=EventStream(reports_failures=True, batching_window_seconds=5),
            reads_event_log=True,
            settings={
                "OTLP_ENDPOINT": "bridges.otlp.endpoint",
                "OTLP_RATIO": "bridges.otlp.ratio",
                "OTLP_SIGNED": "bridges.otlp.signing",
            },
            puts_spans={"bridges.otlp.signing": IS_SET},
            timeout_seconds=60,
            alarms=(*SPAN_ALARMS, *SILENT_ALARMS),
        ),
    ),
)

BRIDGES: tuple[Service, ...] = (KAFKA, RABBITMQ, PUBSUB, OTLP)
