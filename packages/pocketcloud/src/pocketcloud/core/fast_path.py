"""Fast path for the calls that functions make most: call moto directly, without HTTP.

Signing, serialising and parsing take three quarters of the time of a call.
The most frequent operations on items run on moto's tables; the others call moto's handlers, for which
botocore still validates the parameters and builds the errors of failed conditions. If moto rejects the
call in another way, repeat it over the slow path: a rejected call has changed nothing.
`tests/services/test_fast_path.py` compares both paths.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import events_backends
from moto.sesv2.responses import SESV2Response
from moto.sqs.models import sqs_backends
from werkzeug.exceptions import HTTPException

from pocketcloud.core.engine import ACCOUNT, REGION
from pocketcloud.dynamodb.attribute_values import NotPlannedError
from pocketcloud.dynamodb.operations import run

Response = dict[str, Any]

_ACTIONS: dict[str, dict[str, str]] = {
    "dynamodb": {
        "BatchGetItem": "batch_get_item",
        "BatchWriteItem": "batch_write_item",
        "DeleteItem": "delete_item",
        "GetItem": "get_item",
        "PutItem": "put_item",
        "Query": "query",
        "Scan": "scan",
        "TransactWriteItems": "transact_write_items",
        "UpdateItem": "update_item",
    },
    "events": {"PutEvents": "put_events"},
    "sesv2": {"SendEmail": "send_email"},
    "sqs": {"GetQueueUrl": "get_queue_url"},
}
_HANDLERS: dict[str, Callable[[], Any]] = {
    "dynamodb": DynamoHandler,
    "sesv2": SESV2Response,
}
_REJECTIONS: dict[str, tuple[type[Exception], ...]] = {
    "dynamodb": (Exception,),
    "events": (HTTPException, ServiceException, TypeError),
    "sesv2": (HTTPException, ServiceException, TypeError),
}
"""Errors of calls that have changed nothing; a TypeError is a parameter that JSON lacks, such as a time."""
_VALIDATOR = ParamValidator()
_PARSER = create_parser("json")


def shorten(
    client: BaseClient, operation: str, parameters: Response, slow_path: Callable[[], Response]
) -> Response:
    """Make the call over the fast path if possible, otherwise over the slow path."""
    service = client.meta.service_model.service_name
    action = _ACTIONS.get(service, {}).get(operation)
    if action is None:
        return slow_path()
    if service == "sqs":
        return _queue_url(client, parameters) or slow_path()
    try:
        if service == "dynamodb":
            return {
                **run(dynamodb_backends[ACCOUNT][REGION], operation, parameters),
                "ResponseMetadata": _metadata(),
            }
    except NotPlannedError:
        pass
    except (ConditionalCheckFailed, TransactionCanceledException) as failure:
        raise _error(client, operation, str(failure.description)) from None
    model = _model(operation, client)
    report = _VALIDATOR.validate(parameters, model.input_shape)  # type: ignore[arg-type]  # these operations all have input
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    try:
        response = _put_events(parameters) if service == "events" else _call(service, action, parameters)
    except (ConditionalCheckFailed, TransactionCanceledException) as failure:
        raise _error(client, operation, str(failure.description)) from None
    except _REJECTIONS[service]:
        return slow_path()
    members = getattr(model.output_shape, "members", {})
    shown = {name: value for name, value in response.items() if name in members and value is not None}
    return {**shown, "ResponseMetadata": _metadata()}


def _queue_url(client: BaseClient, parameters: Response) -> Response | None:
    """Return the URL of an existing queue of the account; a stack looks up each queue several times."""
    queue = sqs_backends[ACCOUNT][REGION].queues.get(str(parameters.get("QueueName")))
    if queue is None or len(parameters) > 1:
        return None
    return {"QueueUrl": queue.url(urlparse(client.meta.endpoint_url)), "ResponseMetadata": _metadata()}


def _metadata() -> Response:
    return {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


_MODELS: dict[str, OperationModel] = {}


def _model(operation: str, client: BaseClient) -> OperationModel:
    """Return the operation's model; cached across clients because botocore reads it for each."""
    if operation not in _MODELS:
        _MODELS[operation] = client.meta.service_model.operation_model(operation)
    return _MODELS[operation]


def _error(client: BaseClient, operation: str, body: str) -> ClientError:
    """Build botocore's error from a response body."""
    response = {"status_code": 400, "headers": {}, "body": body.encode()}
    model: Any = client.meta.service_model  # the stubs lack some shapes
    parsed: Any = _PARSER.parse(response, model.operation_model(operation).output_shape)
    code = parsed["Error"]["Code"]
    parsed.update(_PARSER.parse(response, model.shape_for_error_code(code)))
    kind: Any = client.exceptions.from_code(code)
    error: ClientError = kind(parsed, operation)
    return error


def _put_events(parameters: Response) -> Response:
    """Put validated events as moto's handler does; copy their only mutable part."""
    if any("Time" in entry for entry in parameters["Entries"]):
        raise TypeError("botocore converts a time while it builds the request")
    entries = [
        {**entry, "Resources": [*entry["Resources"]]} if "Resources" in entry else dict(entry)
        for entry in parameters["Entries"]
    ]
    results = events_backends[ACCOUNT][REGION].put_events(entries)
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _call(service: str, action: str, parameters: Response) -> Response:
    """Call moto's handler; copy the request through JSON so that no objects are shared."""
    handler = _HANDLERS[service]()
    handler.region = REGION
    handler.current_account = ACCOUNT
    handler.headers = handler.querystring = handler.uri_match = {}
    request = json.dumps(parameters)
    if service == "dynamodb":
        # This handler reads and returns objects, which it copies; JSON has no binary values.
        handler.body = handler.params = json.loads(request)
        result: Response = getattr(handler, action)().result
        return result
    handler.body = request
    decoded: Response = json.loads(getattr(handler, action)())
    return decoded
