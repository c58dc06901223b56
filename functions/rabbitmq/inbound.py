"""The Lambda handler of RabbitMQ's event source mapping: put what arrives on the ingress bus."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bridges.ingress import NotTakenError, admit
from functions.rabbitmq.records import incoming
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("rabbitmq-inbound")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Admit the batch; raise `NotTakenError` if some of it has to come again.

    Amazon MQ's mappings have no partial batch response: the whole batch returns to its queue, and the
    consumers recognise by (source, id) what was admitted before. So a message that can never be admitted
    is dead-lettered here instead of failing, and takes no other one to the queue's delivery limit.
    """
    deadline().serve(context)
    records = incoming(event, now_ms=int(datetime.now(UTC).timestamp() * 1000))
    if again := admit("rabbitmq-inbound", records, telemetry):
        raise NotTakenError(f"{len(again)} of {len(records)} messages were not admitted; they come again.")
