"""A function's call to DynamoDB, answered by moto without the HTTP between the two.

Signing, serialising and parsing are three quarters of such a call's time and decide nothing here.
botocore still validates the parameters, and still makes the errors of conditions that fail. What moto refuses
for another reason is asked again the long way, since a refused call has changed nothing.
`tests/unit/offline/test_shortcut.py` compares both ways.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.responses import DynamoHandler

from offline.engine import ACCOUNT, REGION

Response = dict[str, Any]

_ACTIONS = {
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "DeleteItem": "delete_item",
    "GetItem": "get_item",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "TransactWriteItems": "transact_write_items",
    "UpdateItem": "update_item",
}
_VALIDATOR = ParamValidator()
_PARSER = create_parser("json")


def shortened(
    client: BaseClient, operation: str, parameters: Response, long_way: Callable[[], Response]
) -> Response:
    """The answer to the call, the short way where there is one and nothing is refused."""
    if client.meta.service_model.service_name != "dynamodb" or operation not in _ACTIONS:
        return long_way()
    model = _model(operation, client)
    report = _VALIDATOR.validate(parameters, model.input_shape)  # type: ignore[arg-type]  # all of them have input
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    try:
        answer = _ask(operation, parameters)
    except (ConditionalCheckFailed, TransactionCanceledException) as refusal:
        raise _refused(client, operation, str(refusal.description)) from None
    except Exception:  # noqa: BLE001 - whatever it is, the long way meets it again and says it properly
        return long_way()
    told = getattr(model.output_shape, "members", {})
    known = {name: value for name, value in answer.items() if name in told and value is not None}
    return {**known, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}}


_MODELS: dict[str, OperationModel] = {}


def _model(operation: str, client: BaseClient) -> OperationModel:
    """The same for every client; botocore reads it anew for each, and every sandbox has its own."""
    if operation not in _MODELS:
        _MODELS[operation] = client.meta.service_model.operation_model(operation)
    return _MODELS[operation]


def _refused(client: BaseClient, operation: str, body: str) -> ClientError:
    """The error that botocore makes of a response with this body."""
    response = {"status_code": 400, "headers": {}, "body": body.encode()}
    model: Any = client.meta.service_model  # its stubs know fewer shapes than there are
    parsed: Any = _PARSER.parse(response, model.operation_model(operation).output_shape)
    code = parsed["Error"]["Code"]
    parsed.update(_PARSER.parse(response, model.shape_for_error_code(code)))
    kind: Any = client.exceptions.from_code(code)
    error: ClientError = kind(parsed, operation)
    return error


def _ask(operation: str, parameters: Response) -> Response:
    """What moto answers; both ways through JSON, so that neither side can change what the other holds."""
    handler = DynamoHandler()
    handler.region = REGION
    handler.current_account = ACCOUNT
    handler.headers = {}
    handler.body = handler.params = json.loads(json.dumps(parameters))
    answer: Response = json.loads(json.dumps(getattr(handler, _ACTIONS[operation])().result))
    return answer
