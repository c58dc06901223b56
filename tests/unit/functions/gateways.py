"""Gateways on a bad day, each as a provider may have one."""
# ruff: noqa: ARG002 - what they are asked does not matter where nothing arrives

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from functions.contracts.values import Money
from functions.payments import handler, reconciliation
from functions.payments.gateway import Charge, Gateway, GatewayRefusedError, Refund, UnknownOutcomeError
from functions.payments.simulated_gateway import SimulatedGateway


class ForgetfulLine(SimulatedGateway):
    """It does what it is asked, and the answer never arrives."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        super().charge(key=key, order_id=order_id, amount=amount, method=method)
        raise UnknownOutcomeError("gateway_timeout", "the line went dead")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        super().refund(key=key, order_id=order_id, payment_id=payment_id, amount=amount)
        raise UnknownOutcomeError("gateway_timeout", "the line went dead")


class Down(SimulatedGateway):
    """No request arrives."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise UnknownOutcomeError("gateway_down", "nobody is there")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        raise UnknownOutcomeError("gateway_down", "nobody is there")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        raise UnknownOutcomeError("gateway_down", "nobody is there")


class ChargesNobody(SimulatedGateway):
    """Charges do not arrive; a look does, and finds nothing."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise UnknownOutcomeError("gateway_busy", "come again")


class Mistaken(SimulatedGateway):
    """It answers for another sum than it was asked for."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        other = Money(amount=amount.amount + 1, currency=amount.currency)
        return super().charge(key=key, order_id=order_id, amount=other, method=method)


class Forgetting(SimulatedGateway):
    """It has forgotten every key, as a provider may after a day; what it did it can look up."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        fresh = f"{key} once more"
        return super().charge(key=fresh, order_id=order_id, amount=amount, method=method)


class Misconfigured(SimulatedGateway):
    """It does not know us."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise PermissionError("the key is wrong")


class Refusing(SimulatedGateway):
    """It does not listen to us: our key was revoked."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")


@contextmanager
def behind(gateway: Gateway) -> Iterator[None]:
    """This gateway answers, and no other."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (handler, reconciliation):
            patch.setattr(module, "gateway", lambda: gateway)
        yield
