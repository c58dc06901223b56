"""Reconciliation: once a minute, resolve payments without a definite response of the gateway."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.payments import store
from functions.payments.attempt import Attempt
from functions.payments.gateway import MAXIMUM_RESPONSE_MS
from functions.payments.gateways import gateway
from functions.payments.settlement import Settlement
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

RESERVE_MS = 2 * MAXIMUM_RESPONSE_MS + MAXIMUM_CALL_MS
"""Kept for the attempt at hand, which may wait for the gateway twice; the others stay due."""

telemetry = telemetry_of("payments-reconciliation")


class UnreconciledError(Exception):
    """Some payments could not be checked."""


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Check every attempt that was due when the schedule fired.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """
    retries().serve(context, telemetry)
    reconciled, failed = 0, 0
    for order_id in store.due(datetime.fromisoformat(event["time"])):
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            telemetry.count("Deferred")
            break
        log_context = LogContext(subject=order_id)
        try:
            now = datetime.now(UTC)
            attempt = store.take(order_id, now=now)
            if attempt is not None:
                log_context = LogContext.of_cause(attempt.cause, subject=order_id)
                reconciled += _look_into(attempt, now)
        except Exception as error:  # noqa: BLE001 - one that cannot be looked into keeps no other waiting
            failed += 1
            telemetry.logger.warning(
                "not reconciled", error_class=type(error).__name__, **log_context.as_fields()
            )
    telemetry.count("PaymentReconciled", reconciled)
    if failed:
        raise UnreconciledError(f"{failed} payments could not be looked into")


def _look_into(attempt: Attempt, now: datetime) -> bool:
    """Find its outcome; return whether it is known now, and count an attempt that is open too long."""
    over = False
    try:
        over = Settlement(gateway(), telemetry).reconcile(attempt).is_over
    finally:
        if not over and attempt.is_open_too_long(now):
            telemetry.count("PaymentUnknownTooLong")
    return over
