"""Connections and API destinations: check them as EventBridge does, and never return a secret.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
"""

import re
from typing import Any

from moto.events.exceptions import ResourceNotFoundException, ValidationException
from moto.events.models import Connection, Destination, EventsBackend

from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_NAME, _MAXIMUM_NAME = r"[\.\-_A-Za-z0-9]+", 64
_TYPES = ("BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY")
_METHODS = ("HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS")
_CONNECTION = (
    r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?"
    r":connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$"
)
_SECRETS = frozenset({"Password", "ApiKeyValue", "ClientSecret"})
_DESCRIBED = {"describe_connection": "connection", "describe_api_destination": "api-destination"}
_RATE_LIMIT = 300
"""Invocations per second, unless the destination names another limit."""
_CREATE_DESTINATION = (
    "self name description connection_arn invocation_endpoint invocation_rate_limit_per_second http_method"
)


def patches() -> list[MotoPatch]:
    """Return the patches to moto's connections and API destinations."""
    connect, create = EventsBackend.create_connection, EventsBackend.create_api_destination

    def create_connection(backend: EventsBackend, call: Call) -> Connection:
        kind = call["authorization_type"]
        _raise_for([*_name_errors(call["name"]), *_choice_errors("authorizationType", kind, _TYPES)])
        return connect(backend, **call)

    def create_api_destination(backend: EventsBackend, call: Call) -> dict[str, Any]:
        arn = call["connection_arn"]
        errors = _name_errors(call["name"])
        if not re.match(_CONNECTION, arn):
            errors.append(_failed("connectionArn", arn, _must_match(_CONNECTION)))
        _raise_for([*errors, *_choice_errors("httpMethod", call["http_method"], _METHODS)])
        if all(each.arn != arn for each in backend.connections.values()):
            raise ResourceNotFoundException(f"Connection '{arn.split('/')[1]}' does not exist.")
        limit = call["invocation_rate_limit_per_second"] or _RATE_LIMIT
        return create(backend, **{**call, "invocation_rate_limit_per_second": limit})

    parameters = "self name description authorization_type auth_parameters"
    return [
        MotoPatch(EventsBackend, "create_connection", parameters, create_connection),
        MotoPatch(EventsBackend, "create_api_destination", _CREATE_DESTINATION, create_api_destination),
        *_description_patches(),
    ]


def _description_patches() -> list[MotoPatch]:
    short, full, destination = Connection.describe_short, Connection.describe, Destination.describe

    def describe_short(connection: Connection, _: Call) -> dict[str, Any]:
        return {**short(connection), "LastModifiedTime": connection.creation_time}

    def describe(connection: Connection, _: Call) -> dict[str, Any]:
        times = dict.fromkeys(("LastAuthorizedTime", "LastModifiedTime"), connection.creation_time)
        described = {**full(connection), **times, "AuthParameters": _public(connection.auth_parameters)}
        return {name: value for name, value in described.items() if value is not None}

    def describe_destination(found: Destination, _: Call) -> dict[str, Any]:
        return {name: value for name, value in destination(found).items() if value is not None}

    return [
        *(_described(name, noun) for name, noun in _DESCRIBED.items()),
        MotoPatch(Connection, "describe_short", "self", describe_short),
        MotoPatch(Connection, "describe", "self", describe),
        MotoPatch(Destination, "describe", "self", describe_destination),
    ]


def _described(name: str, noun: str) -> MotoPatch:
    """Name the operation in the error for a missing resource, as AWS does."""
    original = getattr(EventsBackend, name)

    def describe(backend: EventsBackend, call: Call) -> dict[str, Any]:
        try:
            described: dict[str, Any] = original(backend, **call)
        except ResourceNotFoundException as error:
            raise ResourceNotFoundException(f"Failed to describe the {noun}(s). {error.message}") from error
        return described

    return MotoPatch(EventsBackend, name, "self name", describe)


def _public(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: _public(each) for name, each in value.items() if name not in _SECRETS}


def _name_errors(name: str) -> list[str]:
    errors = []
    if not re.fullmatch(_NAME, name):
        errors.append(_failed("name", name, _must_match(_NAME)))
    if len(name) > _MAXIMUM_NAME:
        errors.append(_failed("name", name, f"have length less than or equal to {_MAXIMUM_NAME}"))
    return errors


def _choice_errors(where: str, value: str, allowed: tuple[str, ...]) -> list[str]:
    wanted = f"satisfy enum value set: [{', '.join(allowed)}]"
    return [] if value in allowed else [_failed(where, value, wanted)]


def _failed(where: str, value: str, wanted: str) -> str:
    return f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {wanted}"


def _must_match(pattern: str) -> str:
    return f"satisfy regular expression pattern: {pattern}"


def _raise_for(errors: list[str]) -> None:
    if errors:
        noun = "error" if len(errors) == 1 else "errors"
        raise ValidationException(f"{len(errors)} validation {noun} detected: {'; '.join(errors)}")
