"""Requests that must be denied: each function with the resources of others, from the topology."""

from collections.abc import Iterator
from dataclasses import dataclass

from infrastructure import topology
from infrastructure.names import Names
from pocketcloud import OfflineCloud
from pocketcloud.iam.access_request import AccessRequest
from tests.permissions.grants import roles

NAMES = Names("dev")
TABLE_ACTIONS = (
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "ConditionCheckItem",
    "BatchGetItem",
    "BatchWriteItem",
    "Query",
    "Scan",
    "DeleteTable",
)
QUEUE_ACTIONS = ("SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue", "SetQueueAttributes")


@dataclass(frozen=True)
class Cell:
    """A function and something of another's that it could try."""

    function: str
    asked: AccessRequest

    def __str__(self) -> str:
        keys = self.asked.context.get("dynamodb:leadingkeys", "")
        return f"{self.function} may {self.asked.action} on {self.asked.resource} {keys}".rstrip()


def cells(cloud: OfflineCloud) -> Iterator[Cell]:
    """The whole matrix."""
    for function in sorted(roles(cloud)):
        service = service_of(function)
        for asked in (
            *_tables(cloud, service),
            *_log(cloud, service),
            *_queues(cloud, service),
            *_topics_and_buses(cloud, service),
            *_functions(cloud, function),
            *_emails(cloud, service),
        ):
            yield Cell(function, asked)


def allowed(cloud: OfflineCloud) -> list[str]:
    """The cells that are allowed: none, if all is well."""
    access = cloud.access
    return [
        str(cell)
        for cell in cells(cloud)
        if access.decide(access.function(cell.function), cell.asked).allowed
    ]


def service_of(function: str) -> str:
    """The service a function belongs to, by its name: `relay` is one of its own."""
    parts = function.removeprefix(f"{NAMES.prefix}-").split("-")
    return parts[0]


def _tables(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    for service in topology.SERVICES:
        if service.name != own:
            for table in service.tables:
                arn = cloud.access.location.arn("dynamodb", f"table/{NAMES.table(service.name, table.name)}")
                for action in TABLE_ACTIONS:
                    yield AccessRequest(f"dynamodb:{action}", arn, {"dynamodb:leadingkeys": ("any",)})
                for index in table.indexes:
                    yield AccessRequest("dynamodb:Query", f"{arn}/index/{index.name}")


def _log(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    """The log under other owners' keys, under ours and another's at once, and under none."""
    arn = cloud.access.location.arn("dynamodb", f"table/{NAMES.event_log}")
    for owner in sorted({fact.owner for fact in topology.FACTS} - {own}):
        for keys in ((f"{owner}#1",), (f"{own}#1", f"{owner}#1")):
            for action in TABLE_ACTIONS:
                # Only this action reads the whole log; test_roles checks who may use it.
                if action != "BatchGetItem":
                    yield AccessRequest(f"dynamodb:{action}", arn, {"dynamodb:leadingkeys": keys})
    for action in TABLE_ACTIONS:
        if action != "BatchGetItem":
            yield AccessRequest(f"dynamodb:{action}", arn, {"dynamodb:leadingkeys": ()})


def _queues(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    for url in cloud.client("sqs").list_queues()["QueueUrls"]:
        name = url.rpartition("/")[2]
        if service_of(name) != own:
            for action in QUEUE_ACTIONS:
                yield AccessRequest(f"sqs:{action}", cloud.access.location.arn("sqs", name))


def _topics_and_buses(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    for topic in cloud.client("sns").list_topics()["Topics"]:
        for action in ("Publish", "Subscribe", "SetTopicAttributes"):
            yield AccessRequest(f"sns:{action}", topic["TopicArn"])
    for bus in cloud.client("events").list_event_buses()["EventBuses"]:
        if (own, bus["Name"]) != ("relay", NAMES.event_bus):
            context = {"events:source": ("storefront",), "events:detail-type": ("CheckoutCompleted",)}
            yield AccessRequest("events:PutEvents", bus["Arn"], context)
        yield AccessRequest("events:PutRule", bus["Arn"].replace(":event-bus/", ":rule/") + "/any")


def _emails(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    """From somebody else, or from nobody; from us too, where the service sends no mail."""
    name = NAMES.function("notifications")
    settings = cloud.client("lambda").get_function_configuration(FunctionName=name)
    ours = settings["Environment"]["Variables"]["SENDER_ADDRESS"]
    sends = any(service.email_sender for service in topology.SERVICES if service.name == own)
    for sender in ("boss@example.com", ours.upper(), *(() if sends else (ours,))):
        for identity in (ours, sender, "ada@example.com", "example.com"):
            arn = cloud.access.location.arn("ses", f"identity/{identity}")
            yield AccessRequest("ses:SendEmail", arn, {"ses:fromaddress": sender})
    yield AccessRequest("ses:SendEmail", cloud.access.location.arn("ses", f"identity/{ours}"))


def _functions(cloud: OfflineCloud, own: str) -> Iterator[AccessRequest]:
    for other in sorted(roles(cloud)):
        arn = cloud.access.location.arn("lambda", f"function:{other}")
        for action in ("InvokeFunction", "UpdateFunctionCode"):
            yield AccessRequest(f"lambda:{action}", f"{arn}:live")
        if other != own:
            group = cloud.access.location.arn("logs", f"log-group:/aws/lambda/{other}")
            yield AccessRequest("logs:PutLogEvents", f"{group}:log-stream:x")
