"""MOCK integrations, as the CDK makes them for CORS preflights: a fixed status and literal headers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
Templates that compute something are rejected by name when the method is deployed.
"""

import re

from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.rest_deployment import MockResponse, RestIntegration
from pocketcloud.apigateway.rest_payload import media_type
from pocketcloud.apigateway.rest_responses import GatewayError

_STATUS = re.compile(r"""\s*\{\s*["']?statusCode["']?\s*:\s*["']?(?P<status>\d{3})["']?\s*\}\s*""")
_ORIGIN = re.compile(r"""\$origin == "(?P<origin>[^"]*)\"""")
_ORIGINS = re.compile(
    r"""#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\)\s*"""
    r"""#if\(\$origin == ""\)\s*#set\(\$origin = \$input\.params\(\)\.header\.get\("origin"\)\)\s*#end\s*"""
    r"""#if\((?P<origins>\$origin == "[^"]*"( \|\| \$origin == "[^"]*")*)\)\s*"""
    r"""#set\(\$context\.responseOverride\.header\.Access-Control-Allow-Origin = \$origin\)\s*#end\s*"""
)
"""The CDK's template for a preflight with several origins: it repeats the request's origin."""


def mock_reply(integration: RestIntegration, request: HttpRequest) -> Reply:
    """Return the response that the request template's status selects."""
    template = integration.request_templates.get(media_type(request))
    found = _STATUS.fullmatch(template or "")
    if found is None:
        # Without a template, API Gateway finds no status in the request.
        raise GatewayError("API_CONFIGURATION_ERROR")
    chosen = _chosen(integration, found["status"])
    if chosen is None:
        raise GatewayError("API_CONFIGURATION_ERROR")
    headers = Headers(list(chosen.headers.items()))
    allowed = _ORIGINS.fullmatch(chosen.template)
    if allowed is None:
        content = chosen.template
    else:
        content = ""
        origin = request.headers.get("origin", "")
        if origin in _ORIGIN.findall(allowed["origins"]):
            headers["Access-Control-Allow-Origin"] = origin
    headers.setdefault("Content-Type", "application/json")
    return Reply(chosen.status, headers, content.encode())


def unsupported_request_template(template: str) -> bool:
    """Return whether a request template is more than a status."""
    return not _STATUS.fullmatch(template)


def unsupported_response_template(template: str) -> bool:
    """Return whether a response template computes something, other than the CDK's for CORS."""
    return re.search(r"[$#]\S", template) is not None and not _ORIGINS.fullmatch(template)


def _chosen(integration: RestIntegration, status: str) -> MockResponse | None:
    """Return the response whose pattern matches the status, or the default: the one without a pattern."""
    for response in integration.responses:
        if response.pattern and re.fullmatch(response.pattern, status):
            return response
    return next((each for each in integration.responses if not each.pattern), None)
