"""The Lambda handler of the inbound topic: put outside producers' events on the ingress bus."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bridges.ingress import admit
from functions.kafka.records import failure_of, incoming
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("kafka-inbound")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Admit every record; return those that have to come again."""
    deadline().serve(context)
    failed = admit("kafka-inbound", incoming(event), telemetry)
    return {"batchItemFailures": [failure_of(identifier) for identifier in failed]}
