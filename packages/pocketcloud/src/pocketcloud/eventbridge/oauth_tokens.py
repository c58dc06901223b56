"""Access tokens of connections: fetched from an OAuth server on this machine and kept until rejected.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from moto.events.models import Connection

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.eventbridge.loopback import is_loopback, request
from pocketcloud.virtual_time.clock import Clock

_RENEWED_BEFORE = timedelta(minutes=1)
"""AWS renews a token that is about to expire, and does not say how long before."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_RETRIED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})


class OAuthTokens:
    """One token for each connection, renewed before it expires or after it was rejected."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, tuple[str, datetime | None]] = {}

    def clear(self) -> None:
        """Forget every token."""
        self._tokens.clear()

    def reject(self, connection: Connection) -> None:
        """Forget the connection's token, because an endpoint returned 401 or 407."""
        self._tokens.pop(connection.arn, None)

    def token(self, connection: Connection, timeout_seconds: float) -> str:
        """Return the connection's token; raise DeliveryError if the OAuth server grants none.

        A server elsewhere is not called: its token only names the client.
        """
        parameters = connection.auth_parameters["OAuthParameters"]
        if not is_loopback(parameters["AuthorizationEndpoint"]):
            return f"offline-{parameters['ClientParameters']['ClientID']}"
        token, expires = self._tokens.get(connection.arn, ("", None))
        if not token or (expires and self._clock.now() >= expires - _RENEWED_BEFORE):
            token, expires = self._tokens[connection.arn] = self._fetch(parameters, timeout_seconds)
        return token

    def _fetch(self, parameters: Mapping[str, Any], timeout_seconds: float) -> tuple[str, datetime | None]:
        endpoint = parameters["AuthorizationEndpoint"]
        query, headers, form = _oauth_parameters(parameters)
        url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}" if query else endpoint
        response = request(
            parameters["HttpMethod"],
            url,
            body=urlencode(form),
            headers={**headers, **_FORM},
            timeout_seconds=timeout_seconds,
        )
        if response.status != HTTPStatus.OK:
            raise _not_granted(f"{endpoint} returned status {response.status}", response.status)
        try:
            granted = json.loads(response.body)
            token, seconds = str(granted["access_token"]), granted.get("expires_in")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _not_granted(f"{endpoint} returned no access_token", response.status) from error
        return token, self._clock.now() + timedelta(seconds=int(seconds)) if seconds else None


def _oauth_parameters(parameters: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the query, the headers and the form; the connection's own parameters replace ours."""
    client, http = parameters["ClientParameters"], parameters.get("OAuthHttpParameters", {})
    form = {
        "grant_type": "client_credentials",
        "client_id": client["ClientID"],
        "client_secret": client["ClientSecret"],
    }
    query, headers, body = (
        {each["Key"]: each["Value"] for each in http.get(f"{kind}Parameters", [])}
        for kind in ("QueryString", "Header", "Body")
    )
    return query, headers, {**form, **body}


def _not_granted(reason: str, status: int) -> DeliveryError:
    retriable = status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return DeliveryError("SDK_CLIENT_ERROR", reason, retriable=retriable)
