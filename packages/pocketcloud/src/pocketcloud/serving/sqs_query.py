"""SQS's query requests by GET to the URL of a queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
"""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from moto.core.utils import get_service_model
from werkzeug.wrappers import Response

from pocketcloud.serving.aws_error import aws_error, service_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_OF_NO_QUEUE = frozenset({"CreateQueue", "ListQueues"})
_UNKNOWN = "<UnknownOperationException/>"


def as_query(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Mark the request as one of the query protocol, which moto finds by the content type alone."""
    if not _is_to_queue(environ):
        return environ
    return {**environ, "CONTENT_TYPE": "application/x-www-form-urlencoded"}


def sqs_query_error(environ: "WSGIEnvironment") -> Response | None:
    """Return the error for an action that the URL of a queue does not take; None if it does."""
    if not _is_to_queue(environ):
        return None
    action = dict(parse_qsl(environ.get("QUERY_STRING", ""))).get("Action")
    if action is None:
        return Response(_UNKNOWN, 404, content_type="text/xml")
    if action in _OF_NO_QUEUE or action not in get_service_model("sqs").operation_names:
        return aws_error(
            environ, 400, "InvalidAction", f"The action {action} is not valid for this endpoint."
        )
    return None


def _is_to_queue(environ: "WSGIEnvironment") -> bool:
    scope = service_of(environ)
    is_sqs = scope is not None and scope[1] == "sqs"
    return is_sqs and environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].count("/") > 1
