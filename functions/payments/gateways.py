"""Which gateway it is."""

from functools import cache

from functions.payments.gateway import Gateway
from functions.payments.simulated_gateway import SimulatedGateway


@cache
def gateway() -> Gateway:
    """The function's one gateway."""
    return SimulatedGateway()
