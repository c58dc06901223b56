"""Each response of Stripe leads to exactly one outcome."""

from typing import Any

import pytest

from functions.contracts.values import Money
from functions.payments.gateway import (
    Charge,
    GatewayRefusedError,
    MismatchError,
    Refund,
    UnknownOutcomeError,
)
from functions.payments.stripe import http as stripe_http
from functions.payments.stripe.gateway import StripeGateway
from tests.unit.functions.builders import (
    ORDER,
    TOTAL,
)
from tests.unit.functions.stripe_stub import (
    HANG_UP,
    STRIPE_KEY,
    StripeStub,
    a_decline,
    a_list,
    a_refusal,
    an_intent,
)

pytestmark = pytest.mark.usefixtures("aws")

PAID = Charge(id="pi_3MtwBwLkdIwHu7ix28a3tqPa", captured=True, amount=TOTAL)
GATEWAY = StripeGateway()


def charge(**changes: Any) -> Charge:
    request = {
        "key": f"charge:{ORDER}",
        "order_id": ORDER,
        "amount": TOTAL,
        "method": "pm_card_visa",
        **changes,
    }
    return GATEWAY.charge(**request)


def refund() -> Refund:
    return GATEWAY.refund(key=f"refund:{ORDER}", order_id=ORDER, payment_id=PAID.id, amount=TOTAL)


def find() -> Charge | None:
    return GATEWAY.find(key=f"charge:{ORDER}", order_id=ORDER)


def test_charge_is_one_confirmed_payment_intent_under_its_key(stripe: StripeStub) -> None:
    stripe.respond((200, an_intent()))
    assert charge() == PAID
    (request,) = stripe.requests
    assert (request.method, request.path) == ("POST", "/v1/payment_intents")
    assert request.headers["idempotency-key"] == f"charge:{ORDER}"
    assert request.headers["authorization"] == f"Bearer {STRIPE_KEY}"
    assert request.headers["stripe-version"] == stripe_http.VERSION
    assert request.form == {
        "amount": "5099",
        "currency": "gbp",
        "payment_method": "pm_card_visa",
        "payment_method_types[]": "card",
        "confirm": "true",
        "off_session": "true",
        "metadata[order_id]": ORDER,
    }


def test_zero_decimal_currency_is_sent_unchanged(stripe: StripeStub) -> None:
    stripe.respond((200, an_intent(amount=500, amount_received=500, currency="jpy")))
    yen = Money(amount=500, currency="JPY")
    assert charge(amount=yen).amount == yen
    assert (stripe.requests[0].form["amount"], stripe.requests[0].form["currency"]) == ("500", "jpy")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (a_decline(), "card_declined"),
        (a_decline("insufficient_funds"), "insufficient_funds"),
        (a_decline(code="expired_card"), "expired_card"),
        (a_decline(code="authentication_required"), "authentication_required"),
        (a_decline("Not A Code; DROP"), "card_declined"),
        (a_decline(status="canceled"), "payment_canceled"),
        ({"error": {"type": "card_error", "code": "card_declined"}}, "card_declined"),
    ],
)
def test_status_402_is_a_decline_with_its_reason(stripe: StripeStub, body: Any, reason: str) -> None:
    stripe.respond((402, body))
    declined = charge()
    assert (declined.captured, declined.reason, declined.amount) == (False, reason, TOTAL)


@pytest.mark.parametrize(
    ("code", "param"),
    [
        ("amount_too_large", "amount"),
        ("amount_too_small", "amount"),
        ("charge_exceeds_source_limit", None),
        ("charge_exceeds_transaction_limit", None),
        ("invalid_card_type", None),
        ("invalid_charge_amount", "amount"),
        ("payment_method_currency_mismatch", "payment_method"),
        ("payment_method_customer_decline", None),
        ("payment_method_provider_decline", None),
        ("token_already_used", "payment_method"),
    ],
)
def test_charge_is_declined_when_the_order_is_at_fault(
    stripe: StripeStub, code: str, param: str | None
) -> None:
    stripe.respond((400, a_refusal(code=code, param=param)))
    assert charge() == Charge(id="none", captured=False, amount=TOTAL, reason=code)


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize(
    ("code", "param"),
    [
        ("resource_missing", "payment_method"),  # of the key's other mode
        ("resource_missing", "amount"),
        ("livemode_mismatch", "payment_method"),
        ("testmode_charges_only", None),
        ("account_invalid", None),
        ("api_key_expired", None),
        ("secret_key_required", None),
        ("parameter_invalid_integer", "amount"),
        ("parameter_missing", "payment_method"),
        ("parameter_unknown", "payment_method"),
        ("payment_method_invalid_parameter", "payment_method"),
        ("payment_method_unactivated", "payment_method_types"),
        ("payment_intent_unexpected_state", "payment_method"),
        ("of_tomorrow", "payment_method"),
        (None, "payment_method"),
        (None, "amount"),
    ],
)
def test_charge_is_rejected_when_our_account_is_at_fault(
    stripe: StripeStub, status: int, code: str | None, param: str | None
) -> None:
    stripe.respond((status, a_refusal(code=code, param=param)))
    with pytest.raises(GatewayRefusedError, match=f"{status} invalid_request_error {code}"):
        charge()


USED_BEFORE = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared"
    " with a connected account without Customer attachment, or was detached from a Customer. It may not be"
    " used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
)
UNUSABLE = "payment_method_unusable"


@pytest.mark.parametrize(
    ("status", "problem", "reason"),
    [
        (400, {"message": USED_BEFORE}, UNUSABLE),
        (404, {"message": USED_BEFORE}, UNUSABLE),
    ],
)
def test_charge_is_declined_when_the_card_was_used_before(
    stripe: StripeStub, status: int, problem: Any, reason: str
) -> None:
    stripe.respond((status, a_refusal(**problem)))
    assert charge() == Charge(id="none", captured=False, amount=TOTAL, reason=reason)
    untried = an_intent(status="requires_payment_method", amount_received=0)
    stripe.respond((status, a_refusal(**problem, payment_intent=untried)))
    assert charge() == Charge(id=PAID.id, captured=False, amount=TOTAL, reason=reason)


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (400, {"message": "As per Indian regulations, export transactions require a customer name."}),
        (400, {"type": "idempotency_error", "message": f"Keys are for the same request. {USED_BEFORE}"}),
        (400, {"message": None}),
        (400, {"message": USED_BEFORE, "type": None}),
        (404, {"message": "No such PaymentMethod: 'pm_1'"}),
        (400, {"message": USED_BEFORE, "param": "payment_method_types"}),
        (400, {"message": USED_BEFORE, "code": "testmode_charges_only"}),
        (401, {"message": USED_BEFORE}),
        (404, {"message": "Unrecognized request URL (POST: /v1/payment_intent)."}),
    ],
)
def test_account_error_is_no_decline(stripe: StripeStub, status: int, problem: Any) -> None:
    stripe.respond((status, a_refusal(**problem)))
    with pytest.raises(GatewayRefusedError) as refused:
        charge()
    assert "Customer" not in str(refused.value)


@pytest.mark.parametrize("request_", [refund, find])
def test_only_a_charge_is_declined_for_its_payment_method(stripe: StripeStub, request_: Any) -> None:
    stripe.respond((400, a_refusal(message=USED_BEFORE)))
    with pytest.raises(GatewayRefusedError):
        request_()


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("request_", [charge, refund, find])
def test_rejected_request_is_reported_to_a_person(stripe: StripeStub, status: int, request_: Any) -> None:
    stripe.respond((status, a_refusal(code="api_key_expired")))
    with pytest.raises(GatewayRefusedError, match=f"{status} invalid_request_error api_key_expired"):
        request_()


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
@pytest.mark.parametrize("request_", [charge, refund, find])
def test_outcome_is_unknown_when_stripe_cannot_say(stripe: StripeStub, status: int, request_: Any) -> None:
    stripe.respond((status, {"error": {"type": "api_error"}}))
    with pytest.raises(UnknownOutcomeError) as unknown:
        request_()
    assert unknown.value.code == f"gateway_{status}"


@pytest.mark.parametrize(
    "response",
    [
        (HANG_UP, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, b'{"id": "\xff"}'),
        (200, {"id": "pi_1"}),
        (402, b"no"),
        (200, b" " * (stripe_http.MAXIMUM_BYTES + 1)),
    ],
    ids=["hung up", "nothing", "no JSON", "deep", "no UTF-8", "incomplete", "402 of no sense", "too long"],
)
@pytest.mark.parametrize("request_", [charge, refund, find])
def test_outcome_is_unknown_when_the_response_is_unreadable(
    stripe: StripeStub, response: Any, request_: Any
) -> None:
    stripe.respond(response)
    with pytest.raises(UnknownOutcomeError):
        request_()


def test_outcome_is_unknown_when_the_server_is_unreachable(
    stripe: StripeStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_URL", "http://127.0.0.1:9")
    with pytest.raises(UnknownOutcomeError) as unknown:
        charge()
    assert unknown.value.code == "gateway_silent"
    assert stripe.requests == []


@pytest.mark.parametrize("status", ["processing", "requires_action", "requires_confirmation", "of_tomorrow"])
def test_outcome_is_unknown_when_the_payment_is_not_settled(stripe: StripeStub, status: str) -> None:
    stripe.respond((200, an_intent(status=status)))
    with pytest.raises(UnknownOutcomeError, match=status):
        charge()


def test_outcome_is_unknown_when_a_failure_contradicts_itself(stripe: StripeStub) -> None:
    stripe.respond((402, a_decline(status="succeeded", amount_received=5099)))
    with pytest.raises(UnknownOutcomeError, match="succeeded"):
        charge()


def test_charge_has_the_amount_received(stripe: StripeStub) -> None:
    stripe.respond((200, an_intent(amount_received=5000)))
    assert charge().amount == Money(amount=5000, currency="GBP")
    stripe.respond((200, an_intent(currency="xyz")))
    with pytest.raises(MismatchError):
        charge()


def test_charge_is_found_by_its_order(stripe: StripeStub) -> None:
    stripe.respond((200, a_list(an_intent())))
    assert find() == PAID
    (request,) = stripe.requests
    assert (request.method, request.path) == ("GET", "/v1/payment_intents/search")
    assert request.form == {"query": f"metadata['order_id']:'{ORDER}'"}
    assert "idempotency-key" not in request.headers


def test_lookup_prefers_a_success_and_may_be_empty(stripe: StripeStub) -> None:
    failed = a_decline()["error"]["payment_intent"]
    stripe.respond((200, a_list()))
    assert find() is None
    stripe.respond((200, a_list({**failed, "id": "pi_0"}, an_intent())))
    assert find() == PAID
    stripe.respond((200, a_list(failed)))
    found = find()
    assert found
    assert (found.captured, found.reason) == (False, "card_declined")


def test_two_captures_of_one_order_are_a_mismatch(stripe: StripeStub) -> None:
    stripe.respond((200, a_list(an_intent(), an_intent(id="pi_2"))))
    with pytest.raises(MismatchError):
        find()
