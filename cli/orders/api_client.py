"""A client of the HTTP API: send one request, and turn an error response into a message."""

import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

TIMEOUT_SECONDS = 35
"""API Gateway responds within 30 seconds, if only to report a timeout."""
SIGN_IN_HINT = "Use --token or ORDERBUS_TOKEN. A token is valid for an hour; see docs/deploy.md."
HEADER_HINT = "A token and a --key consist of printable ASCII characters on one line."
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
URL_HINT = "Use --url or ORDERBUS_URL, like https://abc123.execute-api.eu-west-1.amazonaws.com."
LOCAL_HINT = "Is `orderbus up` running? Set another address with --url or ORDERBUS_URL."


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The HTTP API at `url`, called with a customer's token."""

    url: str
    token: str

    def request(
        self,
        method: str,
        path: str,
        *,
        member: str = "order_id",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the response's JSON object; raise CommandError for an error or if it lacks `member`."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        _check_headers(sent.values())
        response = self._send(httpx.Request(method, self._url_of(path), headers=sent, content=body))
        document = _json_object(response.content)
        if response.is_client_error or response.is_server_error:
            raise _rejection(response.status_code, document)
        if member not in document:
            raise CommandError(
                f"{self.url} is not an Orderbus API: its response has no {member}.",
                hint=URL_HINT,
                code=ExitCode.AWS_REFUSED,
            )
        return document

    def _send(self, request: httpx.Request) -> httpx.Response:
        # Neither a proxy nor a certificate authority is taken from the environment by httpx itself.
        tls = ssl.create_default_context()
        try:
            with httpx.Client(timeout=TIMEOUT_SECONDS, verify=tls, trust_env=False) as client:
                return client.send(request)
        except httpx.HTTPError as error:
            raise CommandError(
                f"{self.url} cannot be reached: {error}.",
                hint=LOCAL_HINT if request.url.host in LOCAL_HOSTS else URL_HINT,
                code=ExitCode.AWS_REFUSED,
            ) from error

    def _url_of(self, path: str) -> httpx.URL:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:
            url = httpx.URL()
        if not url.host or url.scheme not in {"https", "http"}:
            raise CommandError(
                f"{self.url} is not the address of an HTTP API.", hint=URL_HINT, code=ExitCode.USAGE
            )
        if url.scheme == "http" and url.host not in LOCAL_HOSTS:
            raise CommandError(
                f"{self.url} would send the token unencrypted.", hint=URL_HINT, code=ExitCode.USAGE
            )
        return httpx.URL(scheme=url.scheme, host=url.host, port=url.port, raw_path=path.encode("ascii"))


def _check_headers(values: Iterable[str]) -> None:
    """Reject values that are not header values; never print them, as one is the token."""
    if not all(value.isascii() and value.isprintable() for value in values):
        raise CommandError(
            "The request cannot be sent: the token or the key is not a header value.",
            hint=HEADER_HINT,
            code=ExitCode.USAGE,
        )


def _rejection(status: int, document: dict[str, Any]) -> CommandError:
    """Return problem details (https://www.rfc-editor.org/rfc/rfc9457) or API Gateway's message."""
    detail = document.get("detail") or document.get("message") or "no reason was given"
    pointers = [error["pointer"] for error in document.get("errors", []) if error.get("pointer")]
    place = f" (at {', '.join(pointers)})" if pointers else ""
    title = document.get("title") or httpx.codes.get_reason_phrase(status) or "an unknown status"
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            hint, code = SIGN_IN_HINT, ExitCode.REFUSED
        case HTTPStatus.NOT_FOUND:
            hint, code = "Customers see only their own orders.", ExitCode.UNKNOWN_ORDER
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            hint, code = "Try again with the same --key: an order is placed once.", ExitCode.REFUSED
        case _:
            request = document.get("request_id")
            hint = f"Search the functions' logs for request {request}." if request else "Nothing was done."
            code = ExitCode.REFUSED
    return CommandError(f"Rejected with {status}, {title}: {detail}{place}.", hint=hint, code=code)


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
