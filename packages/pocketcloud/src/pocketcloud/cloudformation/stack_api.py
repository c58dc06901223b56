"""CloudFormation's query API for the deployed stacks: it reads them, and rejects every other operation."""

from collections.abc import Sequence
from functools import cache
from html import escape
from urllib.parse import parse_qsl

from moto.core.serialize import QuerySerializer
from moto.core.utils import get_service_model

from pocketcloud.cloudformation.stack_records import OPERATIONS, StackNotFoundError, StackRecord
from pocketcloud.core.engine import UnsupportedOfflineError

RawResponse = tuple[int, dict[str, str], str | bytes]
"""Status, headers and body of a response."""

_ERROR = """\
<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message></Error>\
<RequestId>offline</RequestId></ErrorResponse>"""


def read_stacks(stacks: Sequence[StackRecord], body: str) -> RawResponse:
    """Return the response to a query request; raise UnsupportedOfflineError for other operations."""
    parameters = dict(parse_qsl(body))
    operation = parameters.get("Action", "")
    if operation not in OPERATIONS:
        supported = ", ".join(sorted(OPERATIONS))
        raise UnsupportedOfflineError(
            f"CloudFormation {operation} is not supported offline, only {supported};"
            " deploy an assembly with `up --assembly`"
        )
    try:
        result = OPERATIONS[operation](stacks, parameters)
    except StackNotFoundError as error:
        return 400, {"Content-Type": "text/xml"}, _ERROR.format(message=escape(str(error)))
    response = _serializer(operation).serialize(result)
    return response["status_code"], dict(response["headers"]), response["body"]


@cache
def _serializer(operation: str) -> QuerySerializer:
    return QuerySerializer(get_service_model("cloudformation").operation_model(operation))
