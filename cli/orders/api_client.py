"""The HTTP API as a customer of it sees it: one request, and a refusal as a sentence."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection, responses
from typing import Any
from urllib.parse import urlsplit

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

PATIENCE = 35
"""Seconds: API Gateway answers within thirty, or says that it cannot."""
TOKEN = "A token is given by --token or ORDERBUS_TOKEN, and is good for an hour; see docs/deploy.md."  # noqa: S105 - words about one
HEADERS = "A token and a --key are printable ASCII characters in one line."
HERE = ("127.0.0.1", "localhost", "::1")
URL = "--url or ORDERBUS_URL is like https://abc123.execute-api.eu-west-1.amazonaws.com."


@dataclass(frozen=True, slots=True)
class ShopDoor:
    """The HTTP API, entered with a customer's token."""

    url: str
    token: str

    def ask(
        self,
        method: str,
        path: str,
        *,
        answered_with: str = "order_id",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer's JSON object, which has that member; a CommandError that says why there is none."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection = self._connection()
        try:
            connection.request(method, path, body, sent)
            with connection.getresponse() as reply:
                status, content = reply.status, reply.read()
        except (OSError, HTTPException) as error:
            is_here = urlsplit(self.url).hostname in HERE
            raise CommandError(
                f"{self.url} cannot be reached: {error}.",
                hint="Is `orderbus up` running? --url or ORDERBUS_URL says where." if is_here else URL,
                code=ExitCode.AWS_REFUSED,
            ) from error
        except ValueError as error:  # a token or a key that is no header
            raise CommandError(
                f"The request cannot be sent: {error}.", hint=HEADERS, code=ExitCode.USAGE
            ) from error
        finally:
            connection.close()
        document = _object(content)
        if status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(status, document)
        if answered_with not in document:
            raise CommandError(
                f"What answers at {self.url} is no Orderbus.", hint=URL, code=ExitCode.AWS_REFUSED
            )
        return document

    def _connection(self) -> HTTPConnection:
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        kinds: dict[str, type[HTTPConnection]] = {"https": HTTPSConnection, "http": HTTPConnection}
        if host is None or parts.scheme not in kinds:
            raise CommandError(f"{self.url} is no address of an HTTP API.", hint=URL, code=ExitCode.USAGE)
        if parts.scheme == "http" and host not in HERE:
            raise CommandError(
                f"{self.url} would carry the token unencrypted.", hint=URL, code=ExitCode.USAGE
            )
        return kinds[parts.scheme](host, port, timeout=PATIENCE)


def _refusal(status: int, document: dict[str, Any]) -> CommandError:
    """Problem details (https://www.rfc-editor.org/rfc/rfc9457), or API Gateway's message, as a sentence."""
    said = document.get("detail") or document.get("message") or "no reason was given"
    where = [error["pointer"] for error in document.get("errors", []) if error.get("pointer")]
    place = f" (at {', '.join(where)})" if where else ""
    title = document.get("title") or responses.get(status, "")
    sentence = f"Refused with {status}, {title or 'which no standard knows'}: {said}{place}."
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            hint, code = TOKEN, ExitCode.REFUSED
        case HTTPStatus.NOT_FOUND:
            hint, code = "A customer sees their own orders, and no others.", ExitCode.UNKNOWN_ORDER
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            hint, code = "Try again, with the same --key: an order is placed once.", ExitCode.REFUSED
        case _:
            request = document.get("request_id")
            hint = f"The functions' logs know the request as {request}." if request else "Nothing was done."
            code = ExitCode.REFUSED
    return CommandError(sentence, hint=hint, code=code)


def _object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
