"""EventBridge: requests that moto accepts or rejects differently from AWS."""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ResourceNotFoundException, ValidationException
from moto.events.models import EventBus, EventBusPolicyStatement, EventsBackend, Rule

from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_START_REPLAY = "self name description source_arn start_time end_time destination"
_REMOVE = "self event_bus_name statement_id remove_all_permissions"


def patches() -> list[MotoPatch]:
    """Return the patches to moto's EventBridge requests."""
    return [*_permission_patches(), *_description_patches()]


def _permission_patches() -> list[MotoPatch]:
    remove = EventsBackend.remove_permission

    def add_permission(bus: EventBus, call: Call) -> None:
        principal = call["principal"]
        everyone = principal["AWS"].endswith("::*:root")
        sid = call["statement_id"]
        statement = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": "*" if everyone else principal,
            "Action": call["action"],
            "Resource": bus.arn,
            **({"Condition": call["condition"]} if call["condition"] else {}),
        }
        vars(bus)["_statements"][sid] = EventBusPolicyStatement.from_dict(statement)

    def add_policy(bus: EventBus, call: Call) -> None:
        statements = call["policy"]["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        vars(bus)["_statements"] = {each["Sid"]: EventBusPolicyStatement.from_dict(each) for each in listed}

    def remove_permission(backend: EventsBackend, call: Call) -> None:
        bus = backend.describe_event_bus(call["event_bus_name"] or "default")
        if not call["remove_all_permissions"] and not bus.has_permissions():
            raise JsonRESTError("ResourceNotFoundException", "Statement with the provided id does not exist.")
        remove(backend, **call)

    return [
        MotoPatch(EventBus, "add_permission", "self statement_id action principal condition", add_permission),
        MotoPatch(EventBus, "add_policy", "self policy", add_policy),
        MotoPatch(EventsBackend, "remove_permission", _REMOVE, remove_permission),
    ]


def _description_patches() -> list[MotoPatch]:
    start = EventsBackend.start_replay

    def describe_rule(backend: EventsBackend, call: Call) -> Rule:
        bus = (call["event_bus_arn"] or "default").rpartition("/")[2]
        rule = backend.describe_event_bus(bus).rules.get(call["name"])
        if rule is None:
            raise ResourceNotFoundException(f"Rule {call['name']} does not exist on EventBus {bus}.")
        return rule

    def start_replay(backend: EventsBackend, call: Call) -> dict[str, Any]:
        backend.describe_event_bus(call["destination"]["Arn"].rpartition("/")[2])
        if call["start_time"] >= call["end_time"]:
            reason = "EventStartTime must be before EventEndTime."
            raise ValidationException(f"Parameter EventEndTime is not valid. Reason: {reason}")
        return start(backend, **call)

    return [
        MotoPatch(EventsBackend, "describe_rule", "self name event_bus_arn", describe_rule),
        MotoPatch(EventsBackend, "start_replay", _START_REPLAY, start_replay),
    ]
