"""`POST /v1/traces` of a collector, by OTLP over HTTP in JSON.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

import os
from collections.abc import Sequence
from enum import Enum, auto
from functools import cache
from http import HTTPStatus

import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from functions.otlp.document import PATH, document
from functions.otlp.span import Span
from functions.shared.runtime.clients import role_credentials, secrets_manager
from functions.shared.runtime.deadline import OutOfTimeError, deadline
from functions.shared.runtime.environment import required

TIMEOUT_MS = 5_000
"""From connecting to the end of the response."""
INVALID = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
"""The same request never succeeds; a smaller one may."""


class Sent(Enum):
    """The result of a request."""

    ACCEPTED = auto()
    LATER = auto()
    INVALID = auto()


class Receipt(msgspec.Struct, frozen=True):
    """The result of a request, the number of rejected spans, and the reason."""

    sent: Sent
    rejected: int = 0
    reason: str = ""


class PartialSuccess(msgspec.Struct, frozen=True, rename="camel"):
    """The collector's count of spans that it will never take."""

    rejected_spans: int | str = 0
    """Protobuf's JSON writes a 64-bit integer as text."""


class ExportResponse(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a success."""

    partial_success: PartialSuccess | None = None


def send(spans: Sequence[Span]) -> Receipt:
    """Send the spans in one request."""
    url, body = required("OTLP_ENDPOINT").rstrip("/") + PATH, msgspec.json.encode(document(spans))
    headers = {"Content-Type": "application/json", **secret_headers()}
    try:
        deadline().require(TIMEOUT_MS)
        response = pool().request("POST", url, body=body, headers=_signed(url, body, headers))
    except (HTTPError, OutOfTimeError) as error:
        return Receipt(Sent.LATER, reason=type(error).__name__)
    if response.status in INVALID:
        return Receipt(Sent.INVALID, reason=f"status {response.status}")
    if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        secret_headers.cache_clear()  # a person may have changed the key
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return Receipt(Sent.LATER, reason=f"status {response.status}")
    return Receipt(Sent.ACCEPTED, rejected=_rejected(response.data))


@cache
def secret_headers() -> dict[str, str]:
    """Return the headers in the secret, such as a vendor's key; none without a secret."""
    arn = os.environ.get("OTLP_SECRET")
    if arn is None:
        return {}
    value = secrets_manager().get_secret_value(SecretId=arn)["SecretString"]
    return msgspec.json.decode(value, type=dict[str, str])


@cache
def pool() -> PoolManager:
    """Return the function's connections."""
    # No retries: Lambda sends the records again, and a redirect would carry the key to another host.
    return PoolManager(timeout=Timeout(total=TIMEOUT_MS / 1000), retries=False)


def _signed(url: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    """Sign a request to CloudWatch with the function's role; other collectors get the headers as they are.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
    """
    if "OTLP_SIGNED" not in os.environ:
        return headers
    request = AWSRequest(method="POST", url=url, data=body, headers=headers)
    SigV4Auth(role_credentials(), "xray", os.environ["AWS_REGION"]).add_auth(request)
    return dict(request.headers.items())


def _rejected(body: bytes) -> int:
    try:
        partial = msgspec.json.decode(body or b"{}", type=ExportResponse).partial_success
        return int(partial.rejected_spans) if partial else 0
    except ValueError:  # a collector may respond to JSON in another format
        return 0
