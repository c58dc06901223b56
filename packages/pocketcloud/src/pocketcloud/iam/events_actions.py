"""EventBridge: what its operations ask for.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion
from pocketcloud.iam.text import Value

Parameters = Mapping[str, Any]


def put_events(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Bus by bus, with the sources and detail types of all its entries: they are judged together."""
    entries: dict[str, list[Parameters]] = {}
    for entry in parameters["Entries"]:
        entries.setdefault(bus_of(home, entry), []).append(entry)
    for bus, of_bus in entries.items():
        context: dict[str, Value] = {
            "events:source": tuple(dict.fromkeys(each["Source"] for each in of_bus if "Source" in each)),
            "events:detail-type": tuple(
                dict.fromkeys(each["DetailType"] for each in of_bus if "DetailType" in each)
            ),
        }
        yield AccessRequest("events:PutEvents", bus, context)


def bus_of(home: AccountRegion, entry: Parameters) -> str:
    """The bus an entry is for, by its ARN."""
    name = entry.get("EventBusName") or "default"
    return home.arn("events", name if name.startswith("arn:") else f"event-bus/{name}")


def archive(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """To look at an archive."""
    yield AccessRequest("events:DescribeArchive", home.arn("events", f"archive/{parameters['ArchiveName']}"))


def rule(action: str, name: str) -> Callable[[AccountRegion, Parameters], Iterator[AccessRequest]]:
    """To look at a rule, which that parameter names."""

    def read(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        bus = parameters.get("EventBusName", "default").rpartition("/")[2]
        path = parameters[name] if bus == "default" else f"{bus}/{parameters[name]}"
        yield AccessRequest(f"events:{action}", home.arn("events", f"rule/{path}"))

    return read


def replay(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """To look at a replay."""
    yield AccessRequest("events:DescribeReplay", home.arn("events", f"replay/{parameters['ReplayName']}"))


def start_replay(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """All three at once: the archive it is of, the bus it goes to, and the replay itself."""
    itself = home.arn("events", f"replay/{parameters['ReplayName']}")
    for resource in (parameters["EventSourceArn"], parameters["Destination"]["Arn"], itself):
        yield AccessRequest("events:StartReplay", resource)
