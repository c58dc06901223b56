"""EventBridge: moto stores buses, rules, targets and archives; `Bus` routes events."""

import json
from typing import Any

from moto.events.models import Archive, EventsBackend, Replay, Rule
from moto.events.responses import EventsHandler

from pocketcloud.core.stubs import Stubs
from pocketcloud.eventbridge.bus import Bus
from pocketcloud.eventbridge.rules import check_pattern, check_rule, check_targets, is_match
from pocketcloud.eventbridge.schedules import Schedules
from pocketcloud.moto_patches import connections, event_requests, event_responses
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_PUT_RULE = (
    "self name description event_bus_arn event_pattern role_arn scheduled_expression state managed_by tags"
)
_CREATE_ARCHIVE = "self name source_arn description event_pattern retention"


def patches(bus: Bus, schedules: Schedules, stubs: Stubs) -> list[MotoPatch]:
    """Return the patches to moto's EventBridge."""
    return [
        *connections.patches(),
        *event_requests.patches(),
        *event_responses.patches(),
        *_routing_patches(bus),
        _rule_patch(schedules),
        _pattern_patch(),
        _target_patch(stubs),
        _archive_patch(),
    ]


def _routing_patches(bus: Bus) -> list[MotoPatch]:
    def put_events(_: EventsBackend, call: Call) -> list[dict[str, Any]]:
        return bus.put_events(call["events"])

    def replay_events(replay: Replay, call: Call) -> None:
        bus.replay(replay, call["archive"])

    original = Replay.describe_short

    def describe_short(replay: Replay, _: Call) -> dict[str, Any]:
        last = getattr(replay, "event_last_replayed_time", None)
        return {**original(replay), **({} if last is None else {"EventLastReplayedTime": last})}

    return [
        MotoPatch(EventsBackend, "put_events", "self events", put_events),
        MotoPatch(Replay, "replay_events", "self archive", replay_events),
        MotoPatch(Replay, "describe_short", "self", describe_short),
    ]


def _rule_patch(schedules: Schedules) -> MotoPatch:
    original = EventsBackend.put_rule

    def put_rule(backend: EventsBackend, call: Call) -> Rule:
        check_rule(call.get("event_pattern"), call.get("scheduled_expression"))
        rule = original(backend, **call)
        schedules.begin(rule)
        return rule

    return MotoPatch(EventsBackend, "put_rule", _PUT_RULE, put_rule)


def _pattern_patch() -> MotoPatch:
    def evaluate(handler: EventsHandler, _: Call) -> tuple[str, dict[str, Any]]:
        request = json.loads(handler.body)
        result = is_match(request["EventPattern"], request["Event"])
        return json.dumps({"Result": result}), handler.response_headers

    return MotoPatch(EventsHandler, "test_event_pattern", "self", evaluate)


def _target_patch(stubs: Stubs) -> MotoPatch:
    original = EventsBackend.put_targets

    def put_targets(backend: EventsBackend, call: Call) -> None:
        rule = backend.describe_rule(call["name"], call["event_bus_arn"])
        check_targets(rule.name, [target["Id"] for target in rule.targets], call["targets"], stubs)
        original(backend, **call)

    return MotoPatch(EventsBackend, "put_targets", "self name event_bus_arn targets", put_targets)


def _archive_patch() -> MotoPatch:
    original = EventsBackend.create_archive

    def create_archive(backend: EventsBackend, call: Call) -> Archive:
        check_pattern(call["event_pattern"])
        return original(backend, **call)

    return MotoPatch(EventsBackend, "create_archive", _CREATE_ARCHIVE, create_archive)
