"""The kinds of alarm, in the order of the runbook's sections. No CDK."""

from enum import StrEnum

from infrastructure import business_alarms, monitors, neighbours
from infrastructure.observability import alarms
from infrastructure.observability.alarm_row import Severity


class AlarmKind(StrEnum):
    """A meaning that several alarms may share; its value is the anchor of its section in the runbook."""

    NOT_FLOWING = "orders-are-not-flowing"
    ORDERS_OVERDUE = "orders-overdue"
    ORDER_VOLUME = "order-volume"
    HEARTBEAT_MISSING = "heartbeat-missing"
    HEARTBEAT_SLOW = "heartbeat-slow"
    CONSUMER_SILENT = "consumer-silent"
    EVENT_LAG = "event-lag"
    MESSAGE_AGE = "message-age"
    ITERATOR_AGE = "iterator-age"
    DEAD_LETTERS = "dead-letters"
    NOT_DEAD_LETTERED = "not-dead-lettered"
    NOT_DELIVERED = "not-delivered"
    FORGED = "forged"
    API_FAILING = "api-failing"
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
    OLDER_VERSION_ENDS = "older-version-ends"

    @property
    def severity(self) -> Severity:
        """The time within which a person must act."""
        return SEVERITIES[self]


ROWS = (
    *alarms.FUNCTION_ALARMS,
    *alarms.STREAM_ALARMS,
    *alarms.ORDERED_STREAM_ALARMS,
    *alarms.QUEUE_ALARMS,
    *alarms.DEAD_LETTER_ALARMS,
    *alarms.RULE_ALARMS,
    *alarms.API_DESTINATION_ALARMS,
    *alarms.SCHEDULE_ALARMS,
    *alarms.TOPIC_ALARMS,
    *alarms.CONSUMER_ALARMS,
    *alarms.INBOUND_ALARMS,
    *neighbours.SPAN_ALARMS,
    *alarms.FILLING_ALARMS,
    *alarms.VERSION_ALARMS,
    *alarms.API_ALARMS,
    *alarms.ROUTES_ALARMS,
    *business_alarms.FRAUD_ALARMS,
    *business_alarms.OLDER_VERSION_ALARMS,
    *business_alarms.DEADLINE_ALARMS,
    *business_alarms.PAYMENT_ALARMS,
    *business_alarms.RECONCILIATION_ALARMS,
    *business_alarms.WEBHOOK_ALARMS,
    *monitors.HEARTBEAT_ALARMS,
    *monitors.SILENT_ALARMS,
    business_alarms.NOT_FLOWING,
    business_alarms.ORDER_VOLUME,
)
"""Every row of every table."""
SEVERITIES = {row.kind: row.severity for row in ROWS}
