"""A stand-in for Entra ID and Event Hubs: tokens are signed, verified and expire in virtual time.

https://learn.microsoft.com/rest/api/eventhub/send-event-with-publisher-id
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.workflow.bridges.http_stand_in import HttpStandIn, Request, Response

CLIENT, SECRET, TENANT = "0a1b2c3d-0000-4000-8000-000000000001", "azure-secret", "shop.example"
AUDIENCE, SCOPE = "https://eventhubs.azure.net", "https://eventhubs.azure.net/.default"
TOKEN_SECONDS = 3599
HUB = "orders"
MAXIMUM_BYTES = 1024 * 1024
_KEY = RSAKey.generate_key(2048, {"kid": "entra-1", "alg": "RS256"}, auto_kid=False)
_PATH = re.compile(rf"/{HUB}/publishers/(?P<publisher>[^/]+)/messages")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the hub."""

    partition_key: str
    event: dict[str, Any]


class Azure(HttpStandIn):
    """One tenant with one application, and one event hub."""

    def __init__(self, now: Callable[[], float], port: int = 0) -> None:
        self._now = now
        self.stored: list[StoredEvent] = []
        self.tokens = 0
        """Tokens granted so far."""
        self.faults: list[Response] = []
        """Responses to the next sends, of events that are not stored."""
        self.lost_responses = 0
        """The number of next sends that are stored and respond 500."""
        self.secret = SECRET
        self.is_sender = True
        """Whether the application has the role Azure Event Hubs Data Sender."""
        super().__init__(port)

    @property
    def ids(self) -> list[str]:
        """The ids of the stored events."""
        return [each.event["id"] for each in self.stored]

    def respond(self, request: Request) -> Response:
        """Grant a token, or store an event."""
        if request.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._grant(request.form)
        if self.faults:
            return self.faults.pop(0)
        refusal = self._refusal(request)
        if refusal:
            return refusal
        path = _PATH.fullmatch(request.path)
        assert path
        self.stored.append(StoredEvent(path["publisher"], json.loads(request.body)))
        if self.lost_responses:
            self.lost_responses -= 1
            return Response(500)
        return Response(201)

    def _grant(self, form: dict[str, str]) -> Response:
        expected = {"grant_type": "client_credentials", "client_id": CLIENT, "scope": SCOPE}
        if form != {**expected, "client_secret": self.secret}:
            return Response(401, {"error": "invalid_client"})
        self.tokens += 1
        now = int(self._now())
        claims = {"aud": AUDIENCE, "appid": CLIENT, "iat": now, "exp": now + TOKEN_SECONDS}
        token = jwt.encode({"alg": "RS256", "kid": "entra-1"}, claims, _KEY)
        return Response(200, {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _refusal(self, request: Request) -> Response | None:
        """Return what Event Hubs responds to a request that it does not accept."""
        if not self._is_valid(request.bearer):
            return Response(401)
        if not self.is_sender:
            return Response(403)
        if request.query.get("api-version") != ["2014-01"] or not _PATH.fullmatch(request.path):
            return Response(400)
        if len(request.body) > MAXIMUM_BYTES:
            return Response(413)
        return None if _is_cloud_event(request) else Response(400)

    def _is_valid(self, token: str) -> bool:
        try:
            claims = jwt.decode(token, _KEY, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return False
        return bool(claims["aud"] == AUDIENCE and claims["exp"] > self._now())


def _is_cloud_event(request: Request) -> bool:
    event = json.loads(request.body)
    is_structured = request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    return is_structured and {"specversion", "id", "source", "type", "subject", "data"} <= event.keys()
