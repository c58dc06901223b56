"""Values of a request that an HTTP API's integration passes on.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

_EMBEDDED = re.compile(r"\$\{(?P<selector>[^}]+)\}")
_NAMED = frozenset({"header", "querystring"})
_CLAIMS = "authorizer.claims."
_CONTEXT = {
    "accountId": ("accountId",),
    "apiId": ("apiId",),
    "domainName": ("domainName",),
    "httpMethod": ("http", "method"),
    "identity.sourceIp": ("http", "sourceIp"),
    "identity.userAgent": ("http", "userAgent"),
    "path": ("http", "path"),
    "requestId": ("requestId",),
    "requestTime": ("time",),
    "requestTimeEpoch": ("timeEpoch",),
    "routeKey": ("routeKey",),
    "stage": ("stage",),
}


def unsupported_selector(value: str) -> str | None:
    """Return the first selector that is not supported; None if all are."""
    found = [value[1:]] if _is_selector(value) else [each["selector"] for each in _EMBEDDED.finditer(value)]
    return next((each for each in found if not _is_supported(each)), None)


def _is_selector(value: str) -> bool:
    return value.startswith("$") and not value.startswith("${")


def _is_supported(selector: str) -> bool:
    source, _, rest = selector.partition(".")
    if source == "context":
        return rest in _CONTEXT or rest.startswith(_CLAIMS)
    part, _, name = rest.partition(".")
    return source == "request" and (
        part in {"body", "path"} or (part in {"header", "querystring"} and name != "")
    )


def mapped(value: str, event: Mapping[str, Any]) -> str | None:
    """Return the value with what it selects of the request, which is in payload format 2.0.

    None if the request has nothing there; raise ValueError if its body should be JSON and is not.
    """
    if _is_selector(value):
        return _selected(value[1:], event)
    return _EMBEDDED.sub(lambda found: _selected(found["selector"], event) or "", value)


def _selected(selector: str, event: Mapping[str, Any]) -> str | None:
    source, _, rest = selector.partition(".")
    if source == "context":
        return _in_context(rest, event["requestContext"])
    part, _, name = rest.partition(".")
    if part == "body":
        return _in_body(name, event)
    if part == "header":
        return _text(event["headers"].get(name.lower()))
    if part == "querystring":
        return _text(event.get("queryStringParameters", {}).get(name))
    return _text(event.get("pathParameters", {}).get(name)) if name else str(event["rawPath"])


def _in_context(name: str, context: Mapping[str, Any]) -> str | None:
    if name.startswith(_CLAIMS):
        claims = context.get("authorizer", {}).get("jwt", {}).get("claims", {})
        return _text(claims.get(name.removeprefix(_CLAIMS)))
    found: Any = context
    for step in _CONTEXT[name]:
        found = found[step]
    return _text(found)


def _in_body(path: str, event: Mapping[str, Any]) -> str | None:
    body = event.get("body")
    if body is not None and event["isBase64Encoded"]:
        body = base64.b64decode(body).decode(errors="replace")
    if body is None or not path:
        return body
    found = json.loads(body)
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return _text(found)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))
