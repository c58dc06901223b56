"""Gateways with one fault each."""
# ruff: noqa: ARG002 - a gateway with a fault ignores its arguments

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from functions.contracts.values import Money
from functions.payments import handler, reconciliation
from functions.payments.gateway import Charge, Gateway, GatewayRefusedError, Refund, UnknownOutcomeError
from functions.payments.simulated_gateway import SimulatedGateway


class ForgetfulLine(SimulatedGateway):
    """A gateway that charges and whose response never arrives."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        super().charge(key=key, order_id=order_id, amount=amount, method=method)
        raise UnknownOutcomeError("gateway_timeout", "the line went dead")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        super().refund(key=key, order_id=order_id, payment_id=payment_id, amount=amount)
        raise UnknownOutcomeError("gateway_timeout", "the line went dead")


class Down(SimulatedGateway):
    """A gateway that no request reaches."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise UnknownOutcomeError("gateway_down", "nobody is there")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        raise UnknownOutcomeError("gateway_down", "nobody is there")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        raise UnknownOutcomeError("gateway_down", "nobody is there")


class ChargesNobody(SimulatedGateway):
    """A gateway that no charge reaches, and that finds none."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise UnknownOutcomeError("gateway_busy", "come again")


class Mistaken(SimulatedGateway):
    """A gateway that confirms another amount than requested."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        other = Money(amount=amount.amount + 1, currency=amount.currency)
        return super().charge(key=key, order_id=order_id, amount=other, method=method)


class Forgetting(SimulatedGateway):
    """A gateway that forgot every key, as a provider may after a day, but not its charges."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        fresh = f"{key} once more"
        return super().charge(key=fresh, order_id=order_id, amount=amount, method=method)


class Misconfigured(SimulatedGateway):
    """A gateway that rejects our key with an error of its own client."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise PermissionError("the key is wrong")


class Refusing(SimulatedGateway):
    """A gateway that rejects our key, which was revoked."""

    def charge(self, *, key: str, order_id: str, amount: Money, method: str) -> Charge:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")

    def find(self, *, key: str, order_id: str) -> Charge | None:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")

    def refund(self, *, key: str, order_id: str, payment_id: str, amount: Money) -> Refund:
        raise GatewayRefusedError("401 invalid_request_error api_key_expired")


@contextmanager
def behind(gateway: Gateway) -> Iterator[None]:
    """Use this gateway alone."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (handler, reconciliation):
            patch.setattr(module, "gateway", lambda: gateway)
        yield
