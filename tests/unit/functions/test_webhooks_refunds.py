"""Stripe's word on a refund: one that fails after all is a person's, and changes nothing here."""

import pytest

from tests.unit.functions.account import everything
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    OTHER_ORDER,
    a_delivery,
    an_inventory_reserved,
    an_order_cancelled,
)
from tests.unit.functions.output import Output
from tests.unit.functions.stripe_notifications import deliver, notice, post_notification
from tests.unit.functions.stripe_stub import StripeStub, a_refund, an_intent

RESERVED = a_delivery(an_inventory_reserved())
CANCELLED = a_delivery(an_order_cancelled())
KINDS_OF_CHANGE = ("refund.failed", "refund.updated", "charge.refund.updated")


@pytest.mark.parametrize("kind", KINDS_OF_CHANGE)
def test_failed_refund_is_counted_and_changes_nothing(stripe: StripeStub, output: Output, kind: str) -> None:
    stripe.respond((200, an_intent()), (200, a_refund()))
    deliver(RESERVED, CANCELLED)
    count, before = len(stripe.requests), everything()
    failed = a_refund(
        status="failed", failure_reason="expired_or_canceled_card", metadata={"order_id": ORDER}
    )
    assert post_notification(notice(kind, failed)) == 200
    assert everything() == before
    assert len(stripe.requests) == count
    assert output.metrics()["RefundFailed"] == 1
    (line,) = [line for line in output.logs() if line["level"] == "ERROR"]
    assert (line["order_id"], line["refund_id"]) == (ORDER, failed["id"])
    assert line["correlation_id"] == CAUSE.correlation_id


@pytest.mark.parametrize("kind", KINDS_OF_CHANGE[1:])
@pytest.mark.parametrize("status", ["pending", "succeeded"])
def test_successful_refund_counts_no_failure(
    stripe: StripeStub, output: Output, kind: str, status: str
) -> None:
    stripe.respond((200, an_intent()), (200, a_refund()))
    deliver(RESERVED, CANCELLED)
    assert post_notification(notice(kind, a_refund(status=status, metadata={"order_id": ORDER}))) == 200
    assert "RefundFailed" not in output.metrics()
    assert output.metrics()["WebhookIgnored"] == 1


@pytest.mark.parametrize("metadata", [{}, {"order_id": OTHER_ORDER}])
def test_failed_refund_of_another_system_is_ignored(
    stripe: StripeStub, output: Output, metadata: dict[str, str]
) -> None:
    stripe.respond((200, an_intent()))
    deliver(RESERVED)
    assert post_notification(notice("refund.failed", a_refund(status="failed", metadata=metadata))) == 200
    assert "RefundFailed" not in output.metrics()
    assert output.metrics()["WebhookUnrelated"] == 1
