"""API destinations: build the HTTP request of a delivery, and keep it instead of sending it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from moto.events.models import Connection, Destination

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine

_RETRIED = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Client errors that EventBridge retries, besides server errors."""
_HEADERS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Content-Type": "application/json; charset=utf-8",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request to an API destination, which AWS would send."""

    destination: str
    """Name of the API destination."""
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


class ApiDestinations:
    """Keeps the requests to API destinations; `respond` chooses each status code."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.requests: list[ApiRequest] = []
        """Every request, in order."""
        self.respond: Callable[[ApiRequest], int] = lambda _: HTTPStatus.OK.value
        """Returns the endpoint's status code for a request; 200 unless a test sets another function."""

    def send(self, target: Mapping[str, Any], body: str) -> None:
        """Make the request; raise DeliveryError unless the endpoint accepts it."""
        destination, connection = self.find(target["Arn"])
        request = _request(destination, connection, target.get("HttpParameters", {}), body)
        self.requests.append(request)
        status = self.respond(request)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        retriable = status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise DeliveryError(
            "SDK_CLIENT_ERROR", f"{request.url} returned status {status}", retriable=retriable
        )

    def find(self, arn: str) -> tuple[Destination, Connection]:
        """Return the destination and its connection; raise DeliveryError if one is missing."""
        store = self._engine.events
        destination = next((each for each in store.destinations.values() if each.arn == arn), None)
        if destination is None:
            raise DeliveryError("NO_RESOURCE", f"{arn} does not exist")
        found = (each for each in store.connections.values() if each.arn == destination.connection_arn)
        connection = next(found, None)
        if connection is None:
            raise DeliveryError("NO_RESOURCE", f"{destination.connection_arn} does not exist")
        return destination, connection


def _request(
    destination: Destination, connection: Connection, given: Mapping[str, Any], body: str
) -> ApiRequest:
    """Build the request; the connection's parameters replace the target's of the same name."""
    parameters = connection.auth_parameters
    invocation = parameters.get("InvocationHttpParameters", {})
    query = given.get("QueryStringParameters", {}) | _pairs(invocation, "QueryStringParameters")
    headers = given.get("HeaderParameters", {}) | _pairs(invocation, "HeaderParameters")
    path = destination.invocation_endpoint
    for value in given.get("PathParameterValues", []):
        path = path.replace("*", quote(value, safe=""), 1)
    return ApiRequest(
        destination=destination.name,
        method=destination.http_method,
        url=f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path,
        headers={**headers, **_HEADERS, **_authorization(connection)},
        body=_with_parameters(body, _pairs(invocation, "BodyParameters")),
    )


def _pairs(parameters: Mapping[str, Any], name: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in parameters.get(name, [])}


def _authorization(connection: Connection) -> dict[str, str]:
    """Return the header that authorizes the request.

    No OAuth server is called offline: the token only names the client.
    """
    parameters = connection.auth_parameters
    if "BasicAuthParameters" in parameters:
        basic = parameters["BasicAuthParameters"]
        text = f"{basic['Username']}:{basic['Password']}"
        return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}
    if "ApiKeyAuthParameters" in parameters:
        key = parameters["ApiKeyAuthParameters"]
        return {key["ApiKeyName"]: key["ApiKeyValue"]}
    client = parameters["OAuthParameters"]["ClientParameters"]["ClientID"]
    return {"Authorization": f"Bearer offline-{client}"}


def _with_parameters(body: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return body
    document = json.loads(body)
    if not isinstance(document, dict):
        raise DeliveryError("SDK_CLIENT_ERROR", "BodyParameters need a body that is a JSON object")
    return json.dumps({**document, **parameters}, separators=(",", ":"))
