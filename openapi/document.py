"""The whole document, in reading order."""

import json
from pathlib import Path
from typing import Any

import msgspec

from contract_files.definitions import shared
from functions.orders.problems import PROBLEMS
from functions.shared.runtime.problem import Problem
from infrastructure.topology import TOPOLOGY
from openapi.operation import operation_object
from openapi.parts import HEADERS, SECURITY, GatewayMessage, parameters
from openapi.routes import OPERATIONS

PATH = Path(__file__).parents[1] / "schemas" / "openapi.json"
DESCRIPTION = (
    "Place, list, show and cancel orders. Money is in minor units of its currency. "
    "Every rejection is a problem document (RFC 9457) whose `code` is one of a closed list; a rejection by "
    "API Gateway itself is a `GatewayMessage`. `make contracts` generates this document."
)


def text() -> str:
    """Return the document as text, as the repository has it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the document; KeyError for a route of the topology without an operation."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "Orderbus", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/", "description": "The API that served this document."}],
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
    for service in (*TOPOLOGY.services, *TOPOLOGY.stream_consumers):
        for route in (*service.routes, *service.operator_routes):
            method, path = route.split(" ")
            operation = operation_object(OPERATIONS[route], service=service.name)
            paths.setdefault(path, {})[method.lower()] = operation
    return dict(sorted(paths.items()))


def _schemas() -> dict[str, Any]:
    bodies = {body for each in OPERATIONS.values() for body in (each.request, each.response)}
    types = [*sorted(filter(None, bodies), key=lambda kind: kind.__name__), Problem, GatewayMessage]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schemas[Problem.__name__]["properties"]["code"] = {"enum": sorted(PROBLEMS)}
    return with_shared_types(schemas)


def with_shared_types(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas with those of their titled types, each once."""
    types: dict[str, Any] = {}
    structures = {name: shared(each, types, "#/components/schemas/") for name, each in schemas.items()}
    return dict(sorted({**structures, **types}.items()))
