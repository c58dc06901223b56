"""Pass frequent requests to moto's handlers without its Flask applications, which take most of the time.

These are the requests in JSON to services with one address; all others go to moto's applications.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moto.core.request import Request, normalize_request
from moto.dynamodb.responses import DynamoHandler
from moto.events.responses import EventsHandler
from moto.kinesis.responses import KinesisResponse
from moto.sqs.responses import SQSResponse
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HANDLERS: Mapping[str, Callable[..., Any]] = {
    "AWSEvents": EventsHandler.dispatch,
    "AmazonSQS": SQSResponse.dispatch,
    "DynamoDB_20120810": DynamoHandler.dispatch,
    "Kinesis_20131202": KinesisResponse.dispatch,
}
"""By the part of `X-Amz-Target` before the operation."""


class _ServerRequest(Request):
    """A request as moto's applications receive it."""

    from_wsgi_server = True


def direct_requests(moto: "WSGIApplication") -> "WSGIApplication":
    """Serve these requests here, and everything else by moto's applications."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        handler = _HANDLERS.get(environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0])
        if handler is None or environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/":
            return moto(environ, start_response)
        return _handled(handler, environ)(environ, start_response)

    return application


def _handled(handler: Callable[..., Any], environ: "WSGIEnvironment") -> Response:
    request = normalize_request(_ServerRequest(environ))
    try:
        status, headers, content = handler(request, request.raw_url, dict(request.headers))
    except HTTPException as error:
        return Response(error.get_body(), error.code or 500, error.get_headers())
    response = Response(content, status, headers)
    if response.mimetype == Response.default_mimetype:
        # moto names no type; AWS returns that of the request.
        response.content_type = request.content_type
    return response
