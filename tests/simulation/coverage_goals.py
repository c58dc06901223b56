"""States that the seeds must reach at least once; otherwise the search proves too little.

"Sometimes" assertions: https://antithesis.com/docs/using_antithesis/sdk/define_test_properties/
"""

from collections import Counter

from tests.simulation.fault_profile import AT_CALLS, BETWEEN_CALLS

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
GOALS = (*AT_CALLS, *BETWEEN_CALLS, *STATES)


def missed(reached: Counter[str]) -> list[str]:
    """Return the goals that no run reached."""
    return [name for name in GOALS if not reached[name]]
