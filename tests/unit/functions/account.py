"""The small AWS account of these tests: its resources, and the state to compare."""

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from functions.orders.domain import OrderStatus
from functions.orders.view import status_of
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from infrastructure.names import table_variable
from infrastructure.tables import CLAIMS, IDEMPOTENCY, Table
from infrastructure.topology import SERVICES
from tests.now import frozen

REGION = "eu-west-1"
SENDER = "shop@example.com"
ACCOUNT = "123456789012"

TABLES: Mapping[str, Table] = {
    "EVENT_LOG_TABLE": Table(name="event-log", partition_key="pk", sort_key="sk"),
    **{table_variable(table.name): table for service in SERVICES for table in service.tables},
    table_variable(CLAIMS.name): CLAIMS,
    # No service of ours has it, but a consumer that somebody adds may.
    table_variable(IDEMPOTENCY.name): IDEMPOTENCY,
}
"""Every table by the variable that names it."""

KEYS: Mapping[str, tuple[str, ...]] = {
    variable: (table.partition_key, *([table.sort_key] if table.sort_key else []))
    for variable, table in TABLES.items()
}
"""Every table's keys."""

INDEXES: Mapping[str, tuple[str, str, str]] = {
    variable: (index.name, index.partition_key, index.sort_key)
    for variable, table in TABLES.items()
    for index in table.indexes
}
"""Every index by its table's variable: its name and its keys."""

ENVIRONMENT: Mapping[str, str] = {
    **{variable: f"orderbus-dev-{variable.lower().replace('_', '-')}" for variable in KEYS},
    "AWS_DEFAULT_REGION": REGION,
    "DEAD_LETTER_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/dead-emails",
    "HOT_SKUS": json.dumps({"HOT": 4, "COOLED": 1}),
    "MAX_RECEIVE_COUNT": "5",
    "SALES_SHARDS": "1",
    "ORDERS_PER_MINUTE": "20",
    "OPEN_ORDERS": "50",
    "ORDER_TIMEOUT_MINUTES": "15",
    "PAYMENT_GATEWAY": "simulated",
    "EVENT_BUS_NAME": "orderbus-dev-order-bus",
    "SENDER_ADDRESS": SENDER,
}
"""The environment that the deployment gives the functions."""


@dataclass(frozen=True)
class Message:
    """A message found in the dead-message queue."""

    body: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Mail:
    """A message that SES was handed."""

    to: list[str]
    subject: str
    body: str


@cache
def client(service: str) -> Any:
    """The tests' own client; it outlives the account, which moto creates for each test."""
    session: Any = boto3.Session("nobody", "nothing", region_name=REGION)
    return session.client(service)


def deploy() -> None:
    """Empty the account, and deploy its tables, queue, bus and sender address.

    These are moto's own calls behind its API, without the HTTP in between.
    """
    for backends in (dynamodb_backends, events_backends, secretsmanager_backends, ses_backends, sqs_backends):
        backends[ACCOUNT][REGION].reset()
    reset_model_data()  # moto's list of every row and message ever created
    deploy_tables()
    fourteen_days = 14 * 24 * 60 * 60
    sqs_backends[ACCOUNT][REGION].create_queue("dead-emails", MessageRetentionPeriod=str(fourteen_days))
    events_backends[ACCOUNT][REGION].create_event_bus(ENVIRONMENT["EVENT_BUS_NAME"])
    ses_backends[ACCOUNT][REGION].verify_email_identity(SENDER)


def deploy_tables() -> None:
    """Deploy every table, empty: created once and then copied, in a tenth of the time."""
    dynamodb_backends[ACCOUNT][REGION].tables.update(copy.deepcopy(_tables()))


@cache
def _tables() -> Any:
    _create_tables()
    return copy.deepcopy(dynamodb_backends[ACCOUNT][REGION].tables)


def _create_tables() -> None:
    for variable, keys in KEYS.items():
        client("dynamodb").create_table(
            TableName=ENVIRONMENT[variable],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    for variable, (name, *columns) in INDEXES.items():
        index = tuple(zip(columns, ("HASH", "RANGE"), strict=True))
        client("dynamodb").update_table(
            TableName=ENVIRONMENT[variable],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in columns],
            GlobalSecondaryIndexUpdates=[
                {
                    "Create": {
                        "IndexName": name,
                        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in index],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                }
            ],
        )


def stock(**available: int) -> None:
    """Set the stock of each SKU."""
    for sku, quantity in available.items():
        put("STOCK_TABLE", sku={"S": sku}, available={"N": str(quantity)})


def price(sku: str, unit_price: int, currency: str = "GBP") -> None:
    """Set the price of the SKU."""
    put(
        "CATALOGUE_TABLE",
        sku={"S": sku},
        unit_price={"N": str(unit_price)},
        currency={"S": currency},
    )


def put(variable: str, **item: Any) -> None:
    client("dynamodb").put_item(TableName=os.environ[variable], Item=item)


def delete(variable: str, **key: str) -> None:
    keys = {name: {"S": value} for name, value in key.items()}
    client("dynamodb").delete_item(TableName=os.environ[variable], Key=keys)


def rows(variable: str) -> list[dict[str, str]]:
    """Return a table's rows, with the values of DynamoDB's JSON; moto has them faster than a scan."""
    items = dynamodb_backends[ACCOUNT][REGION].tables[os.environ[variable]].all_items()
    return [
        {name: next(iter(value.values())) for name, value in item.to_json()["Attributes"].items()}
        for item in items
    ]


def available_stock() -> dict[str, int]:
    """Return the stock for sale of each SKU."""
    return {row["sku"]: int(row["available"]) for row in rows("STOCK_TABLE")}


def facts() -> list[Fact]:
    """Every fact in the event log, in the order in which they were decided."""
    return [event.fact for event in events()]


def names_of_facts() -> list[str]:
    return [type(fact).__name__ for fact in facts()]


def order_statuses() -> dict[str, OrderStatus]:
    """Return the status of each order, as its events describe it."""
    histories: dict[str, set[type[Fact]]] = {}
    for event in events():
        histories.setdefault(event.subject, set()).add(type(event.fact))
    return {order_id: status_of(history) for order_id, history in histories.items()}


def events() -> list[Event[Fact]]:
    recorded = [codec.read(row["event"]) for row in rows("EVENT_LOG_TABLE")]
    return sorted(recorded, key=lambda event: event.time)


def everything() -> dict[str, list[dict[str, str]]]:
    """Return all rows of all tables, to compare with earlier ones."""
    return {variable: sorted(rows(variable), key=json.dumps) for variable in KEYS}


def dead_lettered() -> list[Message]:
    """Return the messages of the dead-letter queue, as of the time of the last one."""
    queue = sqs_backends[ACCOUNT][REGION].queues["dead-emails"]
    # Of any age: `messages` leaves out what is too old or too new.
    sent: list[Any] = [message.sent_timestamp for message in queue._messages]  # noqa: SLF001 - receive_message hides some
    with frozen(datetime.fromtimestamp(max(sent, default=0) / 1000, UTC)):
        response = client("sqs").receive_message(
            QueueUrl=os.environ["DEAD_LETTER_QUEUE_URL"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        )
    return [
        Message(
            body=message["Body"],
            attributes={
                name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()
            },
        )
        for message in response.get("Messages", [])
    ]


def emails() -> list[Mail]:
    """Return the emails that SES accepted, from moto's `sent_messages`."""
    return [
        Mail(to=mail.destinations["ToAddresses"], subject=mail.subject, body=mail.body)
        for mail in ses_backends[ACCOUNT][REGION].sent_messages
    ]
