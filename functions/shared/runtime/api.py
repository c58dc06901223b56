"""The Lambda handler of a service's HTTP routes."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.event_store.event_log import PartialReadError, RefusedError
from functions.shared.runtime.deadline import OutOfTimeError
from functions.shared.runtime.problem import COMMON_PROBLEMS, ProblemError, response
from functions.shared.runtime.retry import retries
from functions.shared.runtime.subject import customer_named
from functions.shared.runtime.telemetry import Telemetry, telemetry_of
from functions.shared.runtime.transient import is_transient

Route = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]
Routes = Mapping[str, Route]
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

PRIVATE_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Every response is for one customer, and browsers must not guess its content type."""


def api(name: str, routes: Routes, *, problems: Mapping[str, HTTPStatus] = COMMON_PROBLEMS) -> Handler:
    """Return the handler that routes requests; errors that the client or time can fix become problems.

    `problems` has the status of every code that the routes raise. All other errors
    are raised: Lambda counts them, and API Gateway returns 500.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    telemetry = telemetry_of(name)

    @telemetry.logger.inject_lambda_context
    @telemetry.metrics.log_metrics
    def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        retries().serve(context, telemetry)
        reject = partial(_rejected, problems=problems, event=event, telemetry=telemetry)
        try:
            result = routes[event["routeKey"]](event, context)
            telemetry.count("Responded")
        except ProblemError as problem:
            result = reject(problem)
        except OutOfTimeError:
            result = reject(ProblemError("out_of_time", "try again, with the same key"))
        except (ClientError, BotoCoreError, PartialReadError, RefusedError) as error:
            if not is_transient(error):
                raise
            # Nothing was decided, or the same key finds the decision: a retry is safe.
            telemetry.logger.warning("unavailable", error_class=type(error).__name__)
            result = reject(ProblemError("unavailable", "try again, with the same key"))
        return {**result, "headers": {**result["headers"], **PRIVATE_HEADERS}}

    handler: Handler = handle
    return handler


def _rejected(
    problem: ProblemError,
    *,
    problems: Mapping[str, HTTPStatus],
    event: Mapping[str, Any],
    telemetry: Telemetry,
) -> dict[str, Any]:
    """Count and log the problem, without the request's content, and return it as a response."""
    status = problems[problem.code]
    is_ours = status is HTTPStatus.SERVICE_UNAVAILABLE
    telemetry.count("Unavailable" if is_ours else "Refused")
    if is_ours:
        telemetry.count_of_version("VersionUnavailable")
    telemetry.count_by("IntakeRejected", code=problem.code)
    request_id = event["requestContext"]["requestId"]
    telemetry.logger.info(
        "refused",
        code=problem.code,
        status=int(status),
        route=event["routeKey"],
        request_id=request_id,
    )
    return response(problem, status, instance=event["rawPath"], request_id=request_id)


def customer_of(event: Mapping[str, Any]) -> str:
    """Return the customer in the token that API Gateway has verified."""
    try:
        return customer_named(event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"])
    except (KeyError, msgspec.ValidationError):
        raise ProblemError("token_without_subject", "the token names no customer") from None


def json_response(status: HTTPStatus, body: object) -> dict[str, Any]:
    """Return a JSON response for API Gateway."""
    return {
        "statusCode": int(status),
        "headers": {"content-type": "application/json"},
        "body": msgspec.json.encode(body).decode(),
    }
