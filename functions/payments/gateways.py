"""The gateway of this deployment."""

from collections.abc import Callable, Mapping
from functools import cache

from functions.payments.gateway import Gateway
from functions.payments.simulated_gateway import SimulatedGateway
from functions.payments.stripe.gateway import StripeGateway
from functions.shared.runtime.environment import required

GATEWAYS: Mapping[str, Callable[[], Gateway]] = {"simulated": SimulatedGateway, "stripe": StripeGateway}


@cache
def gateway() -> Gateway:
    """Return the gateway of this function."""
    return GATEWAYS[required("PAYMENT_GATEWAY")]()
