"""Settle a charge or a refund, for a reaction, reconciliation or a webhook."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from aws_lambda_powertools.metrics import MetricUnit

from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.payments import domain, store
from functions.payments.attempt import Attempt, Status
from functions.payments.gateway import (
    Charge,
    DisputedError,
    Gateway,
    GatewayRefusedError,
    MismatchError,
    Refund,
    UnknownOutcomeError,
)
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import Appended, RefusedError
from functions.shared.runtime.telemetry import Telemetry

REFUSED = "gateway_refused"
"""Problem noted on the attempt while the gateway rejects our requests."""

Outcome = PaymentProcessed | PaymentDeclined
T = TypeVar("T")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Settled(msgspec.Struct, frozen=True):
    """The result of an attempt: whether it is over, and what was appended to the event log."""

    is_over: bool
    appended: Appended | None = None


class Settlement(msgspec.Struct, frozen=True):
    """Settle attempts; only a definite response of the gateway closes one.

    If the gateway rejects the request, note that on the attempt and raise.
    """

    gateway: Gateway
    telemetry: Telemetry
    clock: Callable[[], datetime] = _utc_now

    def charge(self, attempt: Attempt) -> Settled:
        """Charge once, and commit the outcome."""
        return self._commit(attempt, self._charged)

    def settle(self, attempt: Attempt, charge: Callable[[], Charge]) -> Settled:
        """Commit the outcome that the gateway reported for an open attempt."""
        return self._commit(attempt, lambda asked: domain.settle(asked, charge()))

    def reconcile(self, attempt: Attempt) -> Settled:
        """Find the outcome of the charge, or make the refund that is owed."""
        if attempt.status is Status.CAPTURED:
            return self.refund(attempt)
        return self._commit(attempt, self._found_out)

    def refund(self, attempt: Attempt) -> Settled:
        """Refund what was captured for a cancelled order."""
        paid = store.payment_of(attempt.order_id)
        if paid is None or attempt.cancellation is None:
            return Settled(is_over=True)
        try:
            refunded = self._outcome_or_none(attempt, lambda: domain.refunded(paid, self._refunded(paid)))
        except DisputedError:
            self._close_disputed(attempt)
            return Settled(is_over=True)
        if refunded is None:
            return Settled(is_over=False)
        appended = store.commit_refund(refunded, cause=attempt.cancellation.cause)
        return Settled(is_over=True, appended=appended)

    def _commit(self, attempt: Attempt, find_out: Callable[[Attempt], Outcome]) -> Settled:
        outcome = self._outcome_or_none(attempt, lambda: find_out(attempt))
        if outcome is None:
            return Settled(is_over=False)
        try:
            appended, owed = store.commit_payment(
                outcome, cause=attempt.cause, is_cancelled=attempt.cancellation is not None
            )
        except RefusedError:  # cancelled since we read it
            appended, owed = store.commit_payment(outcome, cause=attempt.cause, is_cancelled=True)
        self._measure(outcome)
        is_over = not owed or self.refund(store.load(attempt.order_id)).is_over
        return Settled(is_over=is_over, appended=appended)

    def _charged(self, attempt: Attempt) -> Outcome:
        if domain.is_free(attempt):
            return domain.settle_free(attempt)
        charge = self.gateway.charge(
            key=domain.charge_key(attempt.order_id),
            order_id=attempt.order_id,
            amount=attempt.amount,
            method=attempt.method,
        )
        return domain.settle(attempt, charge)

    def _found_out(self, attempt: Attempt) -> Outcome:
        """Charge again while the gateway remembers the key; otherwise, or if unclear, look it up."""
        now = self.clock()
        unknown = UnknownOutcomeError("not_found", "the gateway does not know of the charge, or not yet")
        if attempt.may_be_asked(now) or domain.is_free(attempt):
            try:
                return self._charged(attempt)
            except MismatchError:
                raise
            except UnknownOutcomeError as error:
                unknown = error
        found = self.gateway.find(key=domain.charge_key(attempt.order_id), order_id=attempt.order_id)
        if found is not None:
            return domain.settle(attempt, found)
        if now - attempt.last_request_at() < self.gateway.found_within:
            raise unknown
        return domain.decline_uncharged(attempt)

    def _refunded(self, paid: PaymentProcessed) -> Refund:
        return self.gateway.refund(
            key=domain.refund_key(paid.order_id),
            order_id=paid.order_id,
            payment_id=paid.payment_id,
            amount=paid.amount,
        )

    def _outcome_or_none(self, attempt: Attempt, request: Callable[[], T]) -> T | None:
        """Return the outcome; note on the attempt and return None if it is not known yet."""
        try:
            return request()
        except UnknownOutcomeError as unknown:
            self._leave_open(attempt, unknown)
            return None
        except GatewayRefusedError:
            self._note_refusal(attempt)
            raise

    def _leave_open(self, attempt: Attempt, unknown: UnknownOutcomeError) -> None:
        """Leave the attempt to reconciliation."""
        store.leave_open(attempt, problem=unknown.code, now=self.clock())
        self.telemetry.count("PaymentUnknown")
        if isinstance(unknown, MismatchError):
            self.telemetry.count("PaymentMismatch")
        self._report(attempt, unknown.code)

    def _note_refusal(self, attempt: Attempt) -> None:
        """Note the rejection; the message is retried, and reconciliation has nothing to find."""
        store.note(attempt, problem=REFUSED)
        self._report(attempt, REFUSED)

    def _close_disputed(self, attempt: Attempt) -> None:
        """Close the attempt: the customer has the money, and a person responds to the bank."""
        store.close_disputed(attempt.order_id)
        self.telemetry.count_by("PaymentDisputed", service="payments")  # one alarm for all functions
        self.telemetry.logger.error("payment is disputed", **_log_fields(attempt))

    def _measure(self, outcome: Outcome) -> None:
        """Measure the share of declines: each outcome of a charge is 0 or 100 percent."""
        if isinstance(outcome, PaymentDeclined) and outcome.reason in domain.NEVER_CHARGED:
            return
        percent = 100 if isinstance(outcome, PaymentDeclined) else 0
        self.telemetry.metrics.add_metric(name="DeclinedPercent", unit=MetricUnit.Percent, value=percent)

    def _report(self, attempt: Attempt, problem: str) -> None:
        self.telemetry.logger.warning("payment unknown", problem=problem, **_log_fields(attempt))


def _log_fields(attempt: Attempt) -> dict[str, Any]:
    return LogContext.of_cause(attempt.cause, subject=attempt.order_id).as_fields()
