"""DynamoDB's most frequent operations without HTTP, executed on moto's tables.

botocore still validates and serializes each request and calls its hooks, in which the tests place faults.
Signing, sending and parsing took nine tenths of a call's time. A request that pocketcloud does not plan
takes the way through moto; packages/pocketcloud/tests/services/test_fast_path.py compares both.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.model import OperationModel
from botocore.parsers import create_parser
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException
from moto.dynamodb.models import dynamodb_backends

from pocketcloud.core.engine import ACCOUNT, REGION
from pocketcloud.dynamodb.attribute_values import NotPlannedError
from pocketcloud.dynamodb.operations import run

Exchange = tuple[Any, dict[str, Any]]
"""An HTTP response, and what botocore parses from it."""

SEND: Callable[..., Exchange] = vars(BaseClient)["_make_request"]
"""Every client sends through this private method; the type stubs lack it."""
_PARSER = create_parser("json")


@dataclass(frozen=True, slots=True)
class DirectResponse:
    """The part of an HTTP response that botocore reads."""

    status_code: int


@contextmanager
def without_http() -> Iterator[None]:
    """Execute DynamoDB's calls directly while the context is open."""

    def make_request(
        client: BaseClient, operation: OperationModel, request: dict[str, Any], context: dict[str, Any]
    ) -> Exchange:
        if client.meta.service_model.service_name == "dynamodb":
            try:
                return _executed(client, operation, json.loads(request["body"]))
            except NotPlannedError:
                pass
        return SEND(client, operation, request, context)

    with patch.object(BaseClient, "_make_request", make_request):
        yield


def _executed(client: BaseClient, operation: OperationModel, request: dict[str, Any]) -> Exchange:
    # botocore makes up a new one for each call; no function repeats one.
    request.pop("ClientRequestToken", None)
    try:
        response = run(dynamodb_backends[ACCOUNT][REGION], operation.name, request)
    except (ConditionalCheckFailed, TransactionCanceledException) as failure:
        return DirectResponse(HTTPStatus.BAD_REQUEST), _error(client, operation, str(failure.description))
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    return DirectResponse(HTTPStatus.OK), {**response, "ResponseMetadata": metadata}


def _error(client: BaseClient, operation: OperationModel, body: str) -> dict[str, Any]:
    """Parse the error as botocore's endpoint does, with the members of its own shape."""
    response = {"status_code": HTTPStatus.BAD_REQUEST, "headers": {}, "body": body.encode()}
    model: Any = client.meta.service_model  # the stubs lack some shapes
    shape: Any = operation.output_shape  # each of these operations has one
    parsed: dict[str, Any] = _PARSER.parse(response, shape)
    parsed.update(_PARSER.parse(response, model.shape_for_error_code(parsed["Error"]["Code"])))
    return parsed
