"""EventBridge: fields, pages and checks of responses that moto lacks.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
"""

import json
from collections.abc import Callable
from typing import Any

from moto.events.exceptions import ResourceNotFoundException, ValidationException
from moto.events.models import Archive, EventBus
from moto.events.responses import EventsHandler

from pocketcloud.core.pages import InvalidTokenError, page_of
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_PAGE = 100
"""Items of a page, unless the request names a limit."""
Response = tuple[str, dict[str, Any]]
Handler = Callable[[EventsHandler], Response]


def patches() -> list[MotoPatch]:
    """Return the patches to moto's EventBridge responses."""
    archives, replays = EventsHandler.list_archives, EventsHandler.list_replays

    def list_archives(handler: EventsHandler, _: Call) -> Response:
        source = _request(handler).get("EventSourceArn")
        if source is not None:
            handler.events_backend.describe_event_bus(source.rpartition("/")[2])
        return _page_of(archives, "Archives")(handler, _)

    return [
        MotoPatch(EventsHandler, "create_event_bus", "self", _created_bus(EventsHandler.create_event_bus)),
        MotoPatch(EventsHandler, "list_event_buses", "self", _list_buses),
        MotoPatch(EventsHandler, "list_targets_by_rule", "self", _list_targets),
        MotoPatch(EventsHandler, "list_archives", "self", list_archives),
        MotoPatch(EventsHandler, "list_replays", "self", _page_of(replays, "Replays")),
        _archive_patch(),
    ]


def _created_bus(original: Handler) -> Callable[[EventsHandler, Call], Response]:
    def create_event_bus(handler: EventsHandler, _: Call) -> Response:
        text, headers = original(handler)
        description = _request(handler).get("Description")
        return json.dumps(
            {**json.loads(text), **({"Description": description} if description else {})}
        ), headers

    return create_event_bus


def _list_buses(handler: EventsHandler, _: Call) -> Response:
    prefix = _request(handler).get("NamePrefix", "")
    buses = sorted(handler.events_backend.event_buses.values(), key=lambda bus: str(bus.name))
    return _page(handler, "EventBuses", [_bus(bus) for bus in buses if bus.name.startswith(prefix)])


def _bus(bus: EventBus) -> dict[str, Any]:
    return {
        "Name": bus.name,
        "Arn": bus.arn,
        "CreationTime": bus.creation_time,
        "LastModifiedTime": bus.last_modified_time,
        **({"Description": bus.description} if bus.description else {}),
        **({"Policy": bus.policy} if bus.policy else {}),
    }


def _list_targets(handler: EventsHandler, _: Call) -> Response:
    request = _request(handler)
    name, bus = request["Rule"], request.get("EventBusName", "default").rpartition("/")[2]
    rule = handler.events_backend.describe_event_bus(bus).rules.get(name)
    if rule is None:
        raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.")
    return _page(handler, "Targets", rule.targets)


def _page_of(original: Handler, name: str) -> Callable[[EventsHandler, Call], Response]:
    def respond(handler: EventsHandler, _: Call) -> Response:
        return _page(handler, name, json.loads(original(handler)[0])[name])

    return respond


def _page(handler: EventsHandler, name: str, items: list[dict[str, Any]]) -> Response:
    """Return the page that the request selects."""
    request = _request(handler)
    try:
        page, token = page_of(items, request.get("NextToken"), request.get("Limit", _PAGE))
    except InvalidTokenError as error:
        raise ValidationException(str(error)) from error
    more = {"NextToken": token} if token else {}
    return json.dumps({name: page, **more}), handler.response_headers


def _archive_patch() -> MotoPatch:
    original = Archive.describe_short

    def describe_short(archive: Archive, _: Call) -> dict[str, Any]:
        size = sum(_size(json.loads(str(event))) for event in archive.events)
        return {**original(archive), "SizeBytes": size}

    return MotoPatch(Archive, "describe_short", "self", describe_short)


def _size(event: dict[str, Any]) -> int:
    """Return the bytes that AWS counts: source, detail type, time and detail."""
    detail = json.dumps(event["detail"], ensure_ascii=False)
    return sum(len(text.encode()) for text in (event["source"], event["detail-type"], event["time"], detail))


def _request(handler: EventsHandler) -> dict[str, Any]:
    request: dict[str, Any] = json.loads(handler.body)
    return request
