"""The Lambda handler of a service's HTTP routes: what every answer has in common."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.contracts.values import CustomerId
from functions.shared.event_log import PartialReadError
from functions.shared.problem import ProblemError, response
from functions.shared.telemetry import telemetry

Route = Callable[[Mapping[str, Any]], dict[str, Any]]
Routes = Mapping[str, Route]
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def api(name: str, routes: Routes) -> Handler:
    """The handler that answers each request by its route; whatever goes wrong is said as problem details.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    voice = telemetry(name)

    @voice.tracer.capture_lambda_handler(capture_response=False)
    @voice.logger.inject_lambda_context
    @voice.metrics.log_metrics
    def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
        try:
            answer = routes[event["routeKey"]](event)
            voice.count("Answered")
        except ProblemError as problem:
            voice.count("Refused")
            return response(problem, instance=event["rawPath"])
        except (ClientError, BotoCoreError, PartialReadError) as error:
            # Nothing was decided, or it was and the same key will find it: the client may safely ask again.
            voice.count("Unavailable")
            voice.logger.warning("unavailable", error_class=type(error).__name__)
            busy = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "try again, with the same key")
            return response(busy, instance=event["rawPath"])
        return answer

    handler: Handler = handle
    return handler


def customer_of(event: Mapping[str, Any]) -> str:
    """Who asks, by the token that API Gateway has verified; never by anything the request itself says."""
    try:
        return msgspec.convert(event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"], CustomerId)
    except (KeyError, msgspec.ValidationError):
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "token_without_subject", "the token names no customer"
        ) from None


def answer(status: HTTPStatus, body: object) -> dict[str, Any]:
    """The body as JSON, as API Gateway takes it."""
    return {
        "statusCode": int(status),
        "headers": {"content-type": "application/json"},
        "body": msgspec.json.encode(body).decode(),
    }
