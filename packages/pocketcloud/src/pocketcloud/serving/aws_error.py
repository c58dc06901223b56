"""An error as an AWS service responds with one, in the protocol of the request."""

import json
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from uuid import uuid4

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_QUERY = """\
<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
<RequestId>{request_id}</RequestId></ErrorResponse>"""
_S3 = "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"


def aws_error(environ: "WSGIEnvironment", status: int, code: str, message: str) -> Response:
    """The error for JSON, query, S3 and REST-JSON clients: each finds code and message where it looks.

    https://smithy.io/2.0/aws/protocols/index.html
    """
    request_id = str(uuid4())
    headers = {"x-amzn-requestid": request_id, "x-amzn-errortype": code}
    xml = _xml(environ)
    if xml is None:
        body = json.dumps({"__type": code, "message": message})
        return Response(body, status, headers, content_type="application/x-amz-json-1.0")
    words = {"code": escape(code), "message": escape(message), "request_id": request_id}
    return Response(xml.format(**words), status, headers, content_type="text/xml")


def service_of(environ: "WSGIEnvironment") -> tuple[str, str] | None:
    """The region and service in the credential scope of a signed request (SigV4); None without one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    _, is_signed, rest = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    scope = rest.partition(",")[0].strip().split("/")
    if not is_signed or len(scope) < 5:  # noqa: PLR2004 - key (which may hold slashes), date, region, service, type
        return None
    return scope[-3], scope[-2]


def with_authorization(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Add the header of a request that is signed in its query string; moto finds the service by it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    fields = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    if "HTTP_AUTHORIZATION" in environ or "X-Amz-Credential" not in fields:
        return environ
    value = f"{fields.get('X-Amz-Algorithm', 'AWS4-HMAC-SHA256')} Credential={fields['X-Amz-Credential']}, "
    return {**environ, "HTTP_AUTHORIZATION": value}


def _xml(environ: "WSGIEnvironment") -> str | None:
    """The document of an XML protocol; None for JSON."""
    is_query = "Action=" in environ.get("QUERY_STRING", "")
    if is_query or environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return _QUERY
    scope = service_of(environ)
    return _S3 if scope is not None and scope[1] == "s3" else None
