"""The permissions of EventBridge operations.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion
from pocketcloud.iam.text import Value

Parameters = Mapping[str, Any]


def put_events(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Return one permission per bus, with the sources and detail types of all its entries."""
    entries: dict[str, list[Parameters]] = {}
    for entry in parameters["Entries"]:
        entries.setdefault(bus_of(location, entry), []).append(entry)
    for bus, of_bus in entries.items():
        context: dict[str, Value] = {
            "events:source": tuple(dict.fromkeys(each["Source"] for each in of_bus if "Source" in each)),
            "events:detail-type": tuple(
                dict.fromkeys(each["DetailType"] for each in of_bus if "DetailType" in each)
            ),
        }
        yield AccessRequest("events:PutEvents", bus, context)


def bus_of(location: AccountRegion, entry: Parameters) -> str:
    """Return the ARN of an entry's bus."""
    name = entry.get("EventBusName") or "default"
    return location.arn("events", name if name.startswith("arn:") else f"event-bus/{name}")


def archive(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Return the permission to describe an archive."""
    yield AccessRequest(
        "events:DescribeArchive", location.arn("events", f"archive/{parameters['ArchiveName']}")
    )


def rule(action: str, name: str) -> Callable[[AccountRegion, Parameters], Iterator[AccessRequest]]:
    """Return a reader for an action on the rule in the parameter `name`."""

    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        bus = parameters.get("EventBusName", "default").rpartition("/")[2]
        path = parameters[name] if bus == "default" else f"{bus}/{parameters[name]}"
        yield AccessRequest(f"events:{action}", location.arn("events", f"rule/{path}"))

    return read


def replay(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Return the permission to describe a replay."""
    yield AccessRequest("events:DescribeReplay", location.arn("events", f"replay/{parameters['ReplayName']}"))


def start_replay(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Return the permissions on the archive, the destination bus and the replay."""
    itself = location.arn("events", f"replay/{parameters['ReplayName']}")
    for resource in (parameters["EventSourceArn"], parameters["Destination"]["Arn"], itself):
        yield AccessRequest("events:StartReplay", resource)
