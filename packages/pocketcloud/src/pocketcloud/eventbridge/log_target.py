"""Write an event to a log group that is a rule's target.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from moto.logs.models import LogsBackend, logs_backends

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine
from pocketcloud.eventbridge.dispatch import Dispatch, log_group_in
from pocketcloud.iam.audit import Denial
from pocketcloud.virtual_time.timestamps import epoch_milliseconds

_ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")
_FORM = '{"timestamp": <milliseconds or ISO 8601>, "message": <text>}'


def write_event(
    engine: Engine, dispatch: Dispatch, body: str, denial: Callable[[str, str], Denial | None]
) -> None:
    """Write the event to a log stream of its own; raise DeliveryError if that is impossible.

    `denial` returns why the rule may not take an action on the stream.
    """
    logs: LogsBackend = logs_backends[engine.account][engine.region]
    name = log_group_in(dispatch.target["Arn"])
    if name not in logs.groups:
        raise DeliveryError("NO_RESOURCE", f"{dispatch.destination} does not exist")
    stream = f"{logs.groups[name].arn}:log-stream:{dispatch.event.id}"
    for action in _ACTIONS:
        if denied := denial(action, stream):
            raise DeliveryError("NO_PERMISSIONS", str(denied))
    line = _log_event(dispatch, body, now=engine.clock.now())
    if dispatch.event.id not in logs.groups[name].streams:
        logs.create_log_stream(name, dispatch.event.id)
    logs.put_log_events(name, dispatch.event.id, [line])


def _log_event(dispatch: Dispatch, body: str, *, now: datetime) -> dict[str, Any]:
    """Return the event, or what the target makes of it: its time and its message."""
    if not dispatch.target.keys() & {"Input", "InputTransformer"}:
        return {"timestamp": epoch_milliseconds(now), "message": body}
    try:
        made = json.loads(body)
        return {"timestamp": _time(made["timestamp"]), "message": _text(made["message"])}
    except (KeyError, TypeError, ValueError) as error:
        raise DeliveryError("SDK_CLIENT_ERROR", f"the input of a log group must be {_FORM}") from error


def _time(given: object) -> int:
    if isinstance(given, int):
        return given
    text = str(given)
    return int(text) if text.isdecimal() else epoch_milliseconds(datetime.fromisoformat(text))


def _text(given: object) -> str:
    if isinstance(given, Mapping | list):
        return json.dumps(given, separators=(",", ":"))
    return str(given)
