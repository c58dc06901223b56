"""The REST APIs in moto's store, which is imported with the first one: that takes a third of a second."""

import sys
from typing import TYPE_CHECKING

from pocketcloud.core.engine import ACCOUNT, REGION

if TYPE_CHECKING:
    from moto.apigateway.models import APIGatewayBackend, RestAPI


def rest_backend() -> "APIGatewayBackend | None":
    """Return the store; None while moto's REST APIs are not imported, because then there are none."""
    models = sys.modules.get("moto.apigateway.models")
    if models is None:
        return None
    backend: APIGatewayBackend = models.apigateway_backends[ACCOUNT][REGION]
    return backend


def deployed_rest_apis() -> "dict[str, RestAPI]":
    """Return the deployed REST APIs by id."""
    backend = rest_backend()
    return {} if backend is None else dict(backend.apis)
