"""The Lambda handler of a service's HTTP routes: what every answer has in common."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.event_store.event_log import PartialReadError, RefusedError
from functions.shared.runtime.deadline import OutOfTimeError
from functions.shared.runtime.problem import ProblemError, response
from functions.shared.runtime.retry import retries
from functions.shared.runtime.subject import customer_named
from functions.shared.runtime.telemetry import Telemetry, telemetry_of
from functions.shared.runtime.transient import is_transient

Route = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]
Routes = Mapping[str, Route]
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Every answer is for one customer, and for nothing but what its content type says."""


def api(name: str, routes: Routes) -> Handler:
    """The handler that answers each request by its route; whatever the client or time mends is a problem.

    What only we can mend is raised, so that Lambda counts it and API Gateway answers 500.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    telemetry = telemetry_of(name)

    @telemetry.tracer.capture_lambda_handler(capture_response=False)
    @telemetry.logger.inject_lambda_context
    @telemetry.metrics.log_metrics
    def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        retries().serve(context, telemetry)
        try:
            said = routes[event["routeKey"]](event, context)
            telemetry.count("Answered")
        except ProblemError as problem:
            said = _refused(problem, event, telemetry)
        except OutOfTimeError:
            said = _refused(ProblemError("out_of_time", "try again, with the same key"), event, telemetry)
        except (ClientError, BotoCoreError, PartialReadError, RefusedError) as error:
            if not is_transient(error):
                raise
            # Nothing was decided, or it was and the same key will find it: the client may safely ask again.
            telemetry.logger.warning("unavailable", error_class=type(error).__name__)
            said = _refused(ProblemError("unavailable", "try again, with the same key"), event, telemetry)
        return {**said, "headers": {**said["headers"], **PRIVATE}}

    handler: Handler = handle
    return handler


def _refused(problem: ProblemError, event: Mapping[str, Any], telemetry: Telemetry) -> dict[str, Any]:
    """The problem as an answer, counted by its code, and one line about it with nothing of the request's."""
    ours = problem.status is HTTPStatus.SERVICE_UNAVAILABLE
    telemetry.count("Unavailable" if ours else "Refused")
    telemetry.count_by("IntakeRejected", code=problem.code)
    request_id = event["requestContext"]["requestId"]
    telemetry.logger.info(
        "refused",
        code=problem.code,
        status=int(problem.status),
        route=event["routeKey"],
        request_id=request_id,
    )
    return response(problem, instance=event["rawPath"], request_id=request_id)


def customer_of(event: Mapping[str, Any]) -> str:
    """Who asks, by the token that API Gateway has verified; never by anything the request itself says."""
    try:
        return customer_named(event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"])
    except (KeyError, msgspec.ValidationError):
        raise ProblemError("token_without_subject", "the token names no customer") from None


def json_response(status: HTTPStatus, body: object) -> dict[str, Any]:
    """The body as JSON, as API Gateway takes it."""
    return {
        "statusCode": int(status),
        "headers": {"content-type": "application/json"},
        "body": msgspec.json.encode(body).decode(),
    }
