"""API Gateway's own responses to requests of a REST API, and how an API changes them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from pocketcloud.apigateway.http_message import Reply
from pocketcloud.apigateway.rest_deployment import GatewayResponseSettings

_VARIABLE = re.compile(r"\$context\.([A-Za-z.]+[A-Za-z])")
VARIABLES = frozenset(
    {
        "apiId",
        "error.message",
        "error.messageString",
        "error.responseType",
        "extendedRequestId",
        "httpMethod",
        "path",
        "requestId",
        "resourcePath",
        "stage",
    }
)
"""The variables of `$context` that a template of a gateway response can use."""
_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    message: str | None
    error_type: str | None = None


_KINDS = {
    "ACCESS_DENIED": _Kind(403, "User is not authorized to access this resource", "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": _Kind(500, "Internal server error", "InternalServerErrorException"),
    "AUTHORIZER_CONFIGURATION_ERROR": _Kind(500, None, "AuthorizerConfigurationException"),
    "BAD_REQUEST_BODY": _Kind(400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": _Kind(400, None, "BadRequestException"),
    "DEFAULT_5XX": _Kind(502, "Internal server error", "InternalServerErrorException"),
    "EXPIRED_TOKEN": _Kind(401, "The incoming token has expired", "UnauthorizedException"),
    "INTEGRATION_TIMEOUT": _Kind(504, "Endpoint request timed out", "InternalServerErrorException"),
    "INVALID_API_KEY": _Kind(403, "Forbidden", "ForbiddenException"),
    "MISSING_AUTHENTICATION_TOKEN": _Kind(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    ),
    "REQUEST_TOO_LARGE": _Kind(413, "Request Too Long"),
    "UNAUTHORIZED": _Kind(401, "Unauthorized", "UnauthorizedException"),
}


class GatewayError(Exception):
    """API Gateway responds itself, with one of its response types."""

    def __init__(self, kind: str, message: str | None = None) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = _KINDS[kind].message if message is None else message

    def reply(
        self, settings: Mapping[str, GatewayResponseSettings], context: Mapping[str, str | None]
    ) -> Reply:
        """Build the response with the API's settings of its type, or of the default for its class."""
        kind = _KINDS[self.kind]
        default = "DEFAULT_4XX" if kind.status < 500 else "DEFAULT_5XX"  # noqa: PLR2004 - the classes of status codes
        chosen = settings.get(self.kind) or settings.get(default)
        values = {
            **context,
            "error.message": self.message,
            "error.messageString": json.dumps(self.message),
            "error.responseType": self.kind,
        }
        template = chosen.template if chosen and chosen.template else _DEFAULT_TEMPLATE
        content = _VARIABLE.sub(lambda found: str(values.get(found[1]) or ""), template)
        headers = Headers([("content-type", "application/json")])
        if kind.error_type:
            headers.add("x-amzn-ErrorType", kind.error_type)
        for name, value in (chosen.headers if chosen else {}).items():
            headers[name] = value
        return Reply((chosen and chosen.status) or kind.status, headers, content.encode())


def unsupported_template(template: str) -> str | None:
    """Return what a template contains besides text and known variables; None if nothing."""
    rest = _VARIABLE.sub(lambda found: "" if found[1] in VARIABLES else found[0], template)
    found = re.search(r"\$\S+|#(set|if|foreach|end|else)\b", rest)
    return found[0] if found else None
