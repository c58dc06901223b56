"""The whole document, in the order in which a reader wants it."""

import json
from pathlib import Path
from typing import Any

import msgspec

from functions.shared.runtime.problem import Problem
from infrastructure.topology import SERVICES
from openapi.operation import rendered
from openapi.parts import HEADERS, SECURITY, GatewayMessage, parameters
from openapi.routes import OPERATIONS

PATH = Path(__file__).parents[1] / "schemas" / "openapi.json"
DESCRIPTION = (
    "Orders come in here, are looked at and called back. Money is in minor units of its currency. "
    "Every refusal is a problem document (RFC 9457) whose `code` is one of a closed list; what API Gateway "
    "refuses by itself is a `GatewayMessage`. This document is made by `python -m openapi`."
)


def text() -> str:
    """The document as it is in the repository."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The document; KeyError where the map has a route that nobody has described."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "Orderbus", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/", "description": "The API that this document came from."}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": parameters(),
            "headers": HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for service in SERVICES:
        for route in service.api.routes if service.api else ():
            method, path = route.split(" ")
            paths.setdefault(path, {})[method.lower()] = rendered(OPERATIONS[route], service=service.name)
    return dict(sorted(paths.items()))


def _schemas() -> dict[str, Any]:
    spoken = {kind for each in OPERATIONS.values() for kind in (each.takes, each.gives) if kind is not None}
    types = [*sorted(spoken, key=lambda kind: kind.__name__), Problem, GatewayMessage]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return dict(sorted(schemas.items()))
