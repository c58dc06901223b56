"""The orders API's handler: its routes, and what every answer has in common."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.orders.placement import place_order, show_order
from functions.orders.problem import ProblemError, response
from functions.shared.event_log import PartialReadError
from functions.shared.telemetry import telemetry

Route = Callable[[Mapping[str, Any]], dict[str, Any]]

ROUTES: Mapping[str, Route] = {
    "POST /orders": place_order,
    "GET /orders/{id}": show_order,
}

voice = telemetry("orders-api")


@voice.tracer.capture_lambda_handler(capture_response=False)
@voice.logger.inject_lambda_context
@voice.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer one request; whatever goes wrong is said as problem details.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    try:
        answer = ROUTES[event["routeKey"]](event)
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
