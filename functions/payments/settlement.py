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
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import Appended, RefusedError
from functions.shared.runtime.telemetry import Telemetry

REFUSED = "gateway_refused"
"""Problem noted on the attempt while the gateway rejects our requests."""
FAILED = "request_failed"
"""Problem noted on the attempt if our own code failed."""

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
        """Charge once, and commit the outcome; leave it to reconciliation if the key may be forgotten."""
        return self._commit(attempt, self._charged)

    def settle(self, attempt: Attempt, charge: Callable[[], Charge]) -> Settled:
        """Commit the outcome that the gateway reported for an open attempt."""
        return self._commit(attempt, lambda asked: domain.settle(asked, charge()))

    def reconcile(self, attempt: Attempt) -> Settled:
        """Close a decided attempt, with the refund that is owed, or find the outcome of the charge."""
        decided = store.outcome_of(attempt.order_id)
        return self._finish(attempt, decided.fact) if decided else self._commit(attempt, self._found_out)

    def cancel(self, attempt: Attempt) -> Settled:
        """Refund a capture; leave an attempt without an outcome to reconciliation."""
        decided = store.outcome_of(attempt.order_id)
        return self._finish(attempt, decided.fact) if decided else Settled(is_over=False)

    def _finish(self, attempt: Attempt, outcome: Fact) -> Settled:
        """Refund what was captured for a cancelled order, or close the attempt."""
        asked = attempt.cancellation
        if asked and isinstance(outcome, PaymentProcessed) and domain.is_owed(attempt, outcome):
            return self._refund(attempt, outcome, cause=asked.cause)
        store.close(attempt, outcome)
        return Settled(is_over=True)

    def _refund(self, attempt: Attempt, paid: PaymentProcessed, *, cause: Cause) -> Settled:
        try:
            refunded = self._outcome_or_none(
                attempt, lambda: domain.refunded(paid, self._refunded(paid)), status=Status.CAPTURED
            )
        except DisputedError:
            self._close_disputed(attempt)
            return Settled(is_over=True)
        if refunded is None:
            return Settled(is_over=False)
        return Settled(is_over=True, appended=store.commit_refund(refunded, cause=cause))

    def _commit(self, attempt: Attempt, find_out: Callable[[Attempt], Outcome]) -> Settled:
        outcome = self._outcome_or_none(attempt, lambda: find_out(attempt), status=Status.UNKNOWN)
        if outcome is None:
            return Settled(is_over=False)
        try:
            appended = store.commit_payment(outcome, attempt)
        except RefusedError:  # cancelled since we read it
            attempt = store.load(attempt.order_id)
            appended = store.commit_payment(outcome, attempt)
        self._measure(outcome)
        decided = appended.event.fact
        if not attempt.is_listed or (appended.is_new and not domain.is_owed(attempt, decided)):
            return Settled(is_over=True, appended=appended)
        return Settled(is_over=self._finish(attempt, decided).is_over, appended=appended)

    def _charged(self, attempt: Attempt) -> Outcome:
        if domain.is_free(attempt):
            return domain.settle_free(attempt)
        if not attempt.may_be_asked(self.clock()):
            raise UnknownOutcomeError("key_expired", "the gateway may have forgotten the key")
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

    def _outcome_or_none(self, attempt: Attempt, request: Callable[[], T], *, status: Status) -> T | None:
        """Return the outcome; if it is unknown, list the attempt with that status and return None."""
        try:
            return request()
        except UnknownOutcomeError as unknown:
            self._leave_open(attempt, unknown, status)
            return None
        except Exception as failure:
            self._note_failure(attempt, REFUSED if isinstance(failure, GatewayRefusedError) else FAILED)
            raise

    def _leave_open(self, attempt: Attempt, unknown: UnknownOutcomeError, status: Status) -> None:
        """Leave the attempt to reconciliation."""
        store.leave_open(attempt, status=status, problem=unknown.code, now=self.clock())
        self.telemetry.count("PaymentUnknown")
        if isinstance(unknown, MismatchError):
            self.telemetry.count("PaymentMismatch")
        self._report(attempt, unknown.code)

    def _note_failure(self, attempt: Attempt, problem: str) -> None:
        """Note the failure; the message is retried, and reconciliation tries too if it is dead-lettered."""
        store.note(attempt, problem=problem, now=self.clock())
        self._report(attempt, problem)

    def _close_disputed(self, attempt: Attempt) -> None:
        """Close the attempt: the customer has the money, and a person responds to the bank."""
        store.close_disputed(attempt.order_id)
        self.telemetry.count_by("PaymentDisputed", service="payments")  # one alarm for all functions
        self.telemetry.logger.error("payment is disputed", **_log_fields(attempt))

    def _measure(self, outcome: Outcome) -> None:
        """Measure the share of declines: each outcome of a charge is 0 or 100 percent."""
        if not domain.is_charge(outcome):
            return
        percent = 100 if isinstance(outcome, PaymentDeclined) else 0
        self.telemetry.metrics.add_metric(name="DeclinedPercent", unit=MetricUnit.Percent, value=percent)

    def _report(self, attempt: Attempt, problem: str) -> None:
        self.telemetry.logger.warning("payment unknown", problem=problem, **_log_fields(attempt))


def _log_fields(attempt: Attempt) -> dict[str, Any]:
    return LogContext.of_cause(attempt.cause, subject=attempt.order_id).as_fields()
