"""What a run of seeds must have met at least once, or it has proven less than it seems to.

"Sometimes" assertions: https://antithesis.com/docs/using_antithesis/sdk/define_test_properties/
"""

from collections import Counter

from tests.simulation.fault_profile import AROUND, AT_CALLS

STATES = (
    "a capture after the cancellation",
    "a confirmed order cancelled",
    "a late request to the gateway arrived",
    "a partner's checkout in version 1",
    "a partner's checkout in version 2",
    "orders publishes the latest version",
    "orders publishes the older version",
    "a redriven message was handled",
    "a reservation after the cancellation",
    "a tombstone instead of the charge",
    "a tombstone instead of the reservation",
    "an event came again and changed nothing",
    "an order asked for again",
    "cancelled",
    "cancelled: customer_request",
    "cancelled: fraud_suspected",
    "cancelled: out_of_stock",
    "cancelled: payment_declined",
    "clocks apart",
    "FraudSuspected",
    "fraud suspected too late",
    "InventoryReleased",
    "PaymentRefunded",
    "too late to cancel",
    "two invocations of one function at once",
)
WANTED = (*AT_CALLS, *AROUND, *STATES)


def unseen(reached: Counter[str]) -> list[str]:
    """The scary states that no run was in."""
    return [name for name in WANTED if not reached[name]]
