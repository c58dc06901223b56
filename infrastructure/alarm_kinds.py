"""What an alarm can mean, how soon somebody has to look, and where the runbook says what to do. Pure data."""

from enum import StrEnum

RUNBOOK = "docs/runbook.md"
"""Where every kind of alarm has a page of its own, headed by the kind's name."""


class Urgency(StrEnum):
    """How soon somebody has to look, in the words that its description ends with."""

    PAGE = "Wake somebody."
    TICKET = "In working hours."


class AlarmKind(StrEnum):
    """A meaning that several alarms may share; its value is the anchor of its page in the runbook."""

    NOT_FLOWING = "orders-are-not-flowing"
    ORDERS_OVERDUE = "orders-overdue"
    ORDER_VOLUME = "order-volume"
    EVENT_LAG = "event-lag"
    MESSAGE_AGE = "message-age"
    ITERATOR_AGE = "iterator-age"
    DEAD_LETTERS = "dead-letters"
    NOT_DEAD_LETTERED = "not-dead-lettered"
    NOT_DELIVERED = "not-delivered"
    FORGED = "forged"
    ERRORS = "errors"
    RETRIES = "retries"
    THROTTLES = "throttles"
    PAYMENT_UNKNOWN = "payment-unknown"
    PAYMENT_MISMATCH = "payment-mismatch"
    PAYMENT_DECLINES = "payment-declines"
    PAYMENT_DISPUTED = "payment-disputed"
    PAYMENT_UNEXPECTED = "payment-unexpected"
    REFUND_UNEXPECTED = "refund-unexpected"
    FRAUD_SUSPECTED_TOO_LATE = "fraud-suspected-too-late"

    @property
    def urgency(self) -> Urgency:
        """How soon somebody has to look."""
        return Urgency.TICKET if self in CAN_WAIT else Urgency.PAGE

    @property
    def page(self) -> str:
        """The address of its page, from the repository's root."""
        return f"{RUNBOOK}#{self}"


CAN_WAIT = frozenset(
    {
        AlarmKind.ORDERS_OVERDUE,
        AlarmKind.ORDER_VOLUME,
        AlarmKind.EVENT_LAG,
        AlarmKind.MESSAGE_AGE,
        AlarmKind.ITERATOR_AGE,
        AlarmKind.DEAD_LETTERS,
        AlarmKind.ERRORS,
        AlarmKind.RETRIES,
        AlarmKind.THROTTLES,
        AlarmKind.PAYMENT_UNKNOWN,
        AlarmKind.PAYMENT_DISPUTED,
    }
)
"""Nothing is lost meanwhile; what keeps orders from flowing wakes somebody as `orders-are-not-flowing`."""


def described(meaning: str, kind: AlarmKind) -> str:
    """An alarm's description: what it means, how soon somebody has to look, and the page that says more."""
    return f"{meaning} {kind.urgency} {kind.page}"
