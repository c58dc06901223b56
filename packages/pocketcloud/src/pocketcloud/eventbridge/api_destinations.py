"""API destinations: build the HTTP request of a delivery, keep it, and send it to a loopback address.

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
from pocketcloud.eventbridge.http_parameters import resolved
from pocketcloud.eventbridge.loopback import is_loopback, request
from pocketcloud.eventbridge.oauth_tokens import OAuthTokens

_RETRIED = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Client errors that EventBridge retries, besides server errors."""
_REJECTED_TOKEN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED})
_TIMEOUT_SECONDS = 5.0
"""AWS's timeout of a response, in real time, not the virtual clock's."""
_CONTENT_TYPE = "application/json; charset=utf-8"
"""Sent unless the connection or the target names another one."""
_HEADERS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request to an API destination."""

    destination: str
    """Name of the API destination."""
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


class ApiDestinations:
    """Keeps the requests to API destinations, and sends those to a loopback address.

    Nothing is sent elsewhere: there, `respond` chooses each status code.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tokens = OAuthTokens(engine.clock)
        self.requests: list[ApiRequest] = []
        """Every request, in order."""
        self.respond: Callable[[ApiRequest], int] = lambda _: HTTPStatus.OK.value
        """Returns the status code of an endpoint elsewhere; 200 unless a test sets another function."""
        self.timeout_seconds = _TIMEOUT_SECONDS

    def clear(self) -> None:
        """Forget every request and every token."""
        self.requests.clear()
        self._tokens.clear()

    def send(self, target: Mapping[str, Any], event: Mapping[str, Any], body: str) -> None:
        """Make the request; raise DeliveryError unless the endpoint accepts it."""
        destination, connection = self.find(target["Arn"])
        given = resolved(target.get("HttpParameters", {}), event)
        authorization = self._authorization(connection)
        api_request = _request(destination, connection, given, body, authorization)
        self.requests.append(api_request)
        status = self._status(api_request)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status in _REJECTED_TOKEN:
            self._tokens.reject(connection)
        retriable = status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise DeliveryError(
            "SDK_CLIENT_ERROR", f"{api_request.url} returned status {status}", retriable=retriable
        )

    def _status(self, sent: ApiRequest) -> int:
        if not is_loopback(sent.url):
            return self.respond(sent)
        return request(
            sent.method, sent.url, body=sent.body, headers=sent.headers, timeout_seconds=self.timeout_seconds
        ).status

    def _authorization(self, connection: Connection) -> dict[str, str]:
        """Return the header that authorizes the request."""
        parameters = connection.auth_parameters
        if "BasicAuthParameters" in parameters:
            basic = parameters["BasicAuthParameters"]
            text = f"{basic['Username']}:{basic['Password']}"
            return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}
        if "ApiKeyAuthParameters" in parameters:
            key = parameters["ApiKeyAuthParameters"]
            return {key["ApiKeyName"]: key["ApiKeyValue"]}
        return {"Authorization": f"Bearer {self._tokens.token(connection, self.timeout_seconds)}"}

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
    destination: Destination,
    connection: Connection,
    given: Mapping[str, Any],
    body: str,
    authorization: Mapping[str, str],
) -> ApiRequest:
    """Build the request; the connection's parameters replace the target's of the same name."""
    parameters = connection.auth_parameters
    invocation = parameters.get("InvocationHttpParameters", {})
    query = given.get("QueryStringParameters", {}) | _pairs(invocation, "QueryStringParameters")
    headers = given.get("HeaderParameters", {}) | _pairs(invocation, "HeaderParameters")
    path = destination.invocation_endpoint
    for value in given.get("PathParameterValues", []):
        path = path.replace("*", quote(value, safe=""), 1)
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = _CONTENT_TYPE
    return ApiRequest(
        destination=destination.name,
        method=destination.http_method,
        url=f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path,
        headers={**headers, **_HEADERS, **authorization},
        body=_with_parameters(body, _pairs(invocation, "BodyParameters")),
    )


def _pairs(parameters: Mapping[str, Any], name: str) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in parameters.get(name, [])}


def _with_parameters(body: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return body
    document = json.loads(body)
    if not isinstance(document, dict):
        raise DeliveryError("SDK_CLIENT_ERROR", "BodyParameters need a body that is a JSON object")
    return json.dumps({**document, **parameters}, separators=(",", ":"))
