"""A stand-in for Google's token service and for Pub/Sub: topics, ordering keys, tokens in virtual time.

https://docs.cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
https://docs.cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, RSAKey

from tests.workflow.bridges.http_stand_in import HttpStandIn, Request, Response

PROVIDER = (
    "//iam.googleapis.com/projects/1234567890/locations/global/workloadIdentityPools/aws/providers/shop"
)
TOPIC, OTHER_TOPIC = "projects/my-shop/topics/orders", "projects/my-shop/topics/shipments"
ISSUER, AUDIENCE = "https://accounts.google.com", "orderbus-dev-pubsub"
PUSHER = "orderbus-push@my-shop.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/pubsub"
TOKEN_SECONDS = 3599
MAXIMUM_MESSAGES, MAXIMUM_ATTRIBUTE_BYTES, MAXIMUM_KEY_BYTES = 1000, 1024, 1024
_KEY = RSAKey.generate_key(2048, {"kid": "google-1", "alg": "RS256"}, auto_kid=False)
FORGED_KEY = RSAKey.generate_key(2048, {"kid": "google-1", "alg": "RS256"}, auto_kid=False)
JWKS: KeySetSerialization = KeySet([_KEY]).as_dict(private=False)
_PUBLISH = re.compile(r"/v1/(?P<topic>projects/[^/]+/topics/[^/:]+):publish")
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/[0-9]{8}/(?P<region>[a-z0-9-]+)/sts/aws4_request, "
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class PubsubMessage:
    """A message of a topic."""

    topic: str
    key: str
    attributes: dict[str, str]
    data: bytes


def row(endpoint: str, token_origin: str) -> dict[str, Any]:
    """Return the stage's row of the setting `bridges`."""
    return {
        "facts": ["OrderConfirmed", "OrderCancelled", "ShipmentScheduled"],
        "topic": TOPIC,
        "other_topics": {"ShipmentScheduled": OTHER_TOPIC},
        "identity_provider": PROVIDER,
        "endpoint": endpoint,
        "token_url": f"{token_origin}/v1/token",
        "push_service_account": PUSHER,
    }


class Google(HttpStandIn):
    """One project with two topics, and one provider that trusts the AWS keys of this process."""

    def __init__(self, now: Callable[[], float], port: int = 0) -> None:
        self._now = now
        self.published: list[PubsubMessage] = []
        self.exchanges = 0
        self.topics = {TOPIC, OTHER_TOPIC}
        self.faults: list[Response] = []
        """Responses to the next publishes, which store nothing."""
        self.lost_responses = 0
        """The number of next publishes that are stored and respond 500."""
        self.refuses: Callable[[PubsubMessage], bool] = lambda _: False
        """Whether a message is invalid: the whole request then is."""
        self.is_trusted = True
        """Whether the provider accepts the role."""
        self.audience_key = 0
        """Tokens of an earlier key are rejected, as after a revocation."""
        super().__init__(port)

    @property
    def ids(self) -> list[str]:
        """The CloudEvents ids of the published messages."""
        return [each.attributes["ce-id"] for each in self.published]

    def respond(self, request: Request) -> Response:
        """Exchange a token, or publish."""
        if request.path == "/v1/token":
            return self._exchange(json.loads(request.body))
        if self.faults:
            return self.faults.pop(0)
        path = _PUBLISH.fullmatch(request.path)
        if not self._is_valid(request.bearer):
            return Response(401)
        if path is None or path["topic"] not in self.topics:
            return Response(404)
        return self._publish(path["topic"], json.loads(request.body)["messages"])

    def _publish(self, topic: str, given: list[dict[str, Any]]) -> Response:
        messages = [
            PubsubMessage(topic, each["orderingKey"], each["attributes"], base64.b64decode(each["data"]))
            for each in given
        ]
        if not 0 < len(messages) <= MAXIMUM_MESSAGES or any(map(self._is_invalid, messages)):
            return Response(400)
        self.published += messages
        if self.lost_responses:
            self.lost_responses -= 1
            return Response(500)
        first = len(self.published) - len(messages)
        return Response(200, {"messageIds": [str(first + place) for place in range(len(messages))]})

    def _is_invalid(self, message: PubsubMessage) -> bool:
        sizes = [len(value.encode()) for value in message.attributes.values()]
        is_large = max(sizes) > MAXIMUM_ATTRIBUTE_BYTES or len(message.key.encode()) > MAXIMUM_KEY_BYTES
        return is_large or self.refuses(message)

    def _exchange(self, given: dict[str, str]) -> Response:
        expected = {
            "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
            "audience": PROVIDER,
            "scope": SCOPE,
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
            "subjectTokenType": "urn:ietf:params:aws:token-type:aws4_request",
        }
        subject = json.loads(unquote(given.pop("subjectToken")))
        if given != expected or not self.is_trusted or not self._is_signed(subject):
            return Response(403, {"error": "invalid_grant"})
        self.exchanges += 1
        now = int(self._now())
        claims = {"aud": f"pubsub-{self.audience_key}", "iat": now, "exp": now + TOKEN_SECONDS}
        token = jwt.encode({"alg": "RS256", "kid": "google-1"}, claims, _KEY)
        return Response(200, {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"})

    def _is_signed(self, subject: dict[str, Any]) -> bool:
        """Return whether AWS would name the role of the request: for this provider, now, and signed."""
        headers = {each["key"].lower(): each["value"] for each in subject["headers"]}
        found = _CREDENTIAL.fullmatch(headers.pop("authorization"))
        if found is None or set(found["signed"].split(";")) != set(headers):
            return False
        at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        is_new = abs(self._now() - at.timestamp()) < timedelta(minutes=15).total_seconds()
        is_ours = headers["x-goog-cloud-target-resource"] == PROVIDER
        url = f"https://sts.{found['region']}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        signed = _signature(subject, headers, found["region"])
        return is_new and is_ours and subject["url"] == url and signed == found["signature"]

    def _is_valid(self, token: str) -> bool:
        try:
            claims = jwt.decode(token, _KEY, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return False
        is_current = claims["exp"] > self._now()
        return bool(is_current and claims["aud"] == f"pubsub-{self.audience_key}")


def _signature(subject: dict[str, Any], headers: dict[str, str], region: str) -> str:
    request = AWSRequest(method=subject["method"], url=subject["url"], headers=headers)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("offline", "offline", "offline"), "sts", region)
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


def push_token(now: float, key: RSAKey = _KEY, **claims: object) -> str:
    """Return the token of a push, as Google signs it; the claims replace the usual ones."""
    usual = {"iss": ISSUER, "aud": AUDIENCE, "email": PUSHER, "email_verified": True, "sub": "1137742"}
    times = {"iat": int(now), "exp": int(now) + TOKEN_SECONDS}
    return jwt.encode({"alg": "RS256", "kid": "google-1"}, {**usual, **times, **claims}, key)
