"""A payment gateway that moves no money, with a memory of its own: a table no other code touches.

It keeps a provider's promises: a key gets the same response for ever, a key reused for something else is
rejected. Like a provider's test mode it decides by the payment method's name, as Stripe's test tokens do
(https://docs.stripe.com/testing).
"""

import hashlib
import re
from datetime import timedelta
from typing import Any, TypeVar, cast

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from functions.contracts.values import Money, is_code
from functions.payments.gateway import (
    Charge,
    DisputedError,
    GatewayRefusedError,
    Refund,
    UnknownOutcomeError,
)
from functions.shared.event_store.attributes import texts
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required

DECLINING = "pm_card_chargeDeclined"
"""`pm_card_chargeDeclined` and `pm_card_chargeDeclinedInsufficientFunds` are declined, with that reason."""

DISPUTED = "pm_card_createDispute"
"""A charge that the customer's bank takes back; it shows in the charge's id."""

Response = TypeVar("Response", Charge, Refund)


class KeyReusedError(GatewayRefusedError):
    """A key stands for one request; this is another."""


class SimulatedGateway:
    """The provider, with its memory in a table."""

    @property
    def found_within(self) -> timedelta:
        """Return a function's longest life: a charge is visible at once, but its request may be under way."""
        return timedelta(minutes=2)

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        """Capture the amount, unless the payment method says declined."""
        request = f"charge {amount.amount} {amount.currency} {method}"
        reason = _decline_reason(method)
        kind = "ch_disputed" if method == DISPUTED else "ch"
        response = Charge(id=_id(kind, key), captured=not reason, amount=amount, reason=reason)
        return self._remembered(key, request, response)

    def find(self, *, key: str, order_id: str) -> Charge | None:
        """Return the stored charge."""
        try:
            row = dynamodb().get_item(
                TableName=required("GATEWAY_TABLE"), Key=texts(idempotency_key=key), ConsistentRead=True
            )
        except (BotoCoreError, ClientError) as error:
            raise _no_response() from error
        return msgspec.json.decode(row["Item"]["outcome"]["S"], type=Charge) if "Item" in row else None

    def refund(
        self,
        *,
        key: str,
        order_id: str,
        payment_id: str,
        amount: Money,
    ) -> Refund:
        """Refund it all, unless the customer's bank took it back."""
        if payment_id.startswith("ch_disputed"):
            raise DisputedError("the customer's bank has taken the money back")
        request = f"refund {payment_id} {amount.amount} {amount.currency}"
        return self._remembered(key, request, Refund(id=_id("re", key), amount=amount))

    def _remembered(self, key: str, request: str, response: Response) -> Response:
        """Return the first response to this key, stored in one conditional write."""
        try:
            dynamodb().put_item(
                TableName=required("GATEWAY_TABLE"),
                Item=texts(
                    idempotency_key=key, request=request, outcome=msgspec.json.encode(response).decode()
                ),
                ConditionExpression="attribute_not_exists(idempotency_key)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            return _first_response(error, request, type(response))
        except BotoCoreError as error:
            raise _no_response() from error
        return response


def _first_response(error: ClientError, request: str, kind: type[Response]) -> Response:
    """Return the stored response; raise `UnknownOutcomeError` if the error does not hold one."""
    known = cast("dict[str, Any]", error.response).get("Item")
    if known is None:
        raise _no_response() from error
    if known["request"]["S"] != request:
        raise KeyReusedError("the key was used for another request")
    return msgspec.json.decode(known["outcome"]["S"], type=kind)


def _no_response() -> UnknownOutcomeError:
    return UnknownOutcomeError("gateway_silent", "the simulated gateway's table did not respond")


def _decline_reason(method: str) -> str:
    """`card_declined`, `insufficient_funds`, … or nothing, from the method's name; always one that fits."""
    if not method.startswith(DECLINING):
        return ""
    words = re.findall("[A-Z][a-z]+", method.removeprefix(DECLINING))
    reason = "_".join(words).lower()
    return reason if is_code(reason) else "card_declined"


def _id(kind: str, key: str) -> str:
    return f"{kind}_sim_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
