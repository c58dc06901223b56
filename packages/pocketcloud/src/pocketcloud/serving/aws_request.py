"""Read an HTTP request to an AWS service as boto3 would have made it: service, operation and parameters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from pocketcloud.serving.aws_error import service_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_MODELS = {
    "apigateway": "apigatewayv2",
    "monitoring": "cloudwatch",
    "ses": "sesv2",
    "states": "stepfunctions",
}
"""boto3's names of services that sign with another one."""
_PREFIXES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request to an AWS service."""

    service: str
    """boto3's name of the service."""
    operation: str
    parameters: dict[str, Any]
    prefix: str
    """The service's prefix of IAM actions."""


def read_request(environ: "WSGIEnvironment") -> SentRequest | None:
    """Return the request, whose body can be read again; None if it is not one of a known operation."""
    scope = service_of(environ)
    if scope is None:
        return None
    signed = scope[1]
    is_stream = environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDBStreams")
    service = "dynamodbstreams" if is_stream else _MODELS.get(signed, signed)
    try:
        operation, parameters = _parse(Request(environ), service)
    except (HTTPException, NotImplementedError, UnknownServiceError):
        return None
    return SentRequest(service, operation, parameters, _PREFIXES.get(signed, signed))


def _parse(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    operation, labels = get_service_router(service).match(request)
    protocol = determine_request_protocol(get_service_model(service), request.content_type)
    parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return operation.name, parsed
