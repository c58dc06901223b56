"""Send spans to a collector by OTLP over HTTP, in JSON.

https://opentelemetry.io/docs/specs/otlp/#otlphttp. CloudWatch's own endpoint needs a signed request:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
"""

import json
import os
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import httpx

from cli.core.account import Account
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.otlp.document import PATH, document
from functions.otlp.span import Span

HEADERS_VARIABLE = "OTEL_EXPORTER_OTLP_HEADERS"
"""Headers such as a vendor's key, as every OpenTelemetry exporter reads them: `name=value,name=value`."""
TIMEOUT_SECONDS = 10
CLOUDWATCH_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")
URL_HINT = "Use the address of a collector, like http://127.0.0.1:4318, and see that it runs."


def send(account: Account, url: str, spans: Sequence[Span]) -> None:
    """Send the spans; raise CommandError if the collector does not take all of them."""
    address = _address(url)
    body = json.dumps(document(spans)).encode()
    headers = {"Content-Type": "application/json", **_configured_headers()}
    if address.host.startswith("xray.") and address.host.endswith(CLOUDWATCH_HOSTS):
        headers |= account.signed_headers("xray", "POST", str(address), body, headers)
    response = _post(address, body, headers)
    if not response.is_success:
        raise _rejected(address, f"it responded {response.status_code} {response.text[:200]}".rstrip())
    partial = _json(response).get("partialSuccess") or {}
    if int(partial.get("rejectedSpans", 0)):
        why = partial.get("errorMessage", "")
        raise _rejected(address, f"{partial['rejectedSpans']} spans were rejected: {why}")


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if not address.host or address.scheme not in {"http", "https"}:
        raise CommandError(f"{url} is not an HTTP address.", hint=URL_HINT, code=ExitCode.USAGE)
    path = address.path.rstrip("/")
    return address.copy_with(path=path if path.endswith(PATH) else path + PATH)


def _configured_headers() -> dict[str, str]:
    pairs = (pair.partition("=") for pair in os.environ.get(HEADERS_VARIABLE, "").split(",") if "=" in pair)
    return {unquote(name.strip()): unquote(value.strip()) for name, _, value in pairs}


def _post(address: httpx.URL, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    try:
        with httpx.Client(
            timeout=TIMEOUT_SECONDS, verify=ssl.create_default_context(), trust_env=False
        ) as client:
            return client.post(address, content=body, headers=headers)
    except (httpx.HTTPError, UnicodeEncodeError) as error:
        raise _rejected(address, str(error)) from error


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rejected(address: httpx.URL, why: str) -> CommandError:
    return CommandError(f"{address} did not take the spans: {why}.", hint=URL_HINT, code=ExitCode.REFUSED)
