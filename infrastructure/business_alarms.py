"""The alarms and graphs of Orderbus alone: of its functions, and of all its services together. No CDK."""

from infrastructure.observability.alarm_row import AlarmRow, MetricRow, Severity
from infrastructure.observability.overview import FlowAlarmRow, GraphRow, Overview, VolumeAlarmRow

PAGE, TICKET = Severity.PAGE, Severity.TICKET
MAXIMUM_WAIT_MINUTES = 30
"""Reconciliation checks a payment at least every fifteen minutes: the alarm must outlast two checks."""

NOT_FLOWING = FlowAlarmRow(
    name="orders-are-not-flowing",
    kind="orders-are-not-flowing",
    severity=PAGE,
    meaning="Orders wait too long at one step or at all of them.",
    services=("orders", "inventory", "payments", "shipping"),  # every order waits for these
    alarms=("orders-overdue",),
)

ORDER_VOLUME = VolumeAlarmRow(
    id="OrderVolume",
    name="order-volume",
    kind="order-volume",
    severity=TICKET,
    metric=MetricRow(namespace="AWS/SNS", name="NumberOfMessagesPublished", period_minutes=5),
    threshold="order_volume_deviations",
    evaluation_periods=3,
    meaning="More or fewer orders come in than CloudWatch's model expects.",
    fact="OrderCreated",
)

OVERVIEW = Overview(
    flow=NOT_FLOWING,
    volume=ORDER_VOLUME,
    dashboard="business",
    question="Do orders flow?",
    graphs=(
        (
            GraphRow(title="Orders by outcome", metric="OrderEnded", by="outcome"),
            GraphRow(title="Revenue, in minor units, by currency", metric="Revenue", by="currency"),
        ),
        (
            GraphRow(title="From fact to reaction, milliseconds (p90)", metric="EventAge", statistic="p90"),
            GraphRow(title="Payments of unknown outcome", metric="PaymentUnknown"),
        ),
        (
            GraphRow(title="Rejected requests, by code", metric="IntakeRejected", by="code"),
            GraphRow(title="Orders past their deadline", metric="Overdue", statistic="Maximum"),
        ),
    ),
)

FRAUD_ALARMS = (
    AlarmRow(
        id="Consumer/FraudSuspectedTooLate",
        name="fraud-suspected-too-late",
        kind="fraud-suspected-too-late",
        severity=PAGE,
        metric=MetricRow(name="FraudSuspectedTooLate"),
        meaning="The carrier has a suspicious order: stop the parcel.",
    ),
)

OLDER_VERSION_ALARMS = (
    AlarmRow(
        id="Consumer/OlderVersionEndsSoon",
        name="older-version-ends",
        kind="older-version-ends",
        severity=TICKET,
        metric=MetricRow(name="OlderVersionEndsSoon"),
        meaning="A partner publishes a version whose last day is near; its events are rejected after that.",
    ),
)

DEADLINE_ALARMS = (
    AlarmRow(
        id="Overdue/Alarm",
        name="overdue",
        kind="orders-overdue",
        severity=TICKET,
        metric=MetricRow(name="Overdue", statistic="Maximum"),
        is_essential=True,
        meaning="Orders are past their deadline, and {function} does not end them.",
    ),
)

PAYMENT_ALARMS = (
    AlarmRow(
        id="Consumer/PaymentDisputed",
        name="payment-disputed",
        kind="payment-disputed",
        severity=TICKET,
        metric=MetricRow(name="PaymentDisputed"),
        meaning="The customer's bank took back the money of a cancelled order (a dispute).",
    ),
    # A broken integration looks like many bad cards. Every five minutes must have a charge and be above
    # the threshold: a few bad cards on a slow day do not suffice.
    AlarmRow(
        id="Declined/Alarm",
        name="declines",
        kind="payment-declines",
        severity=PAGE,
        metric=MetricRow(name="DeclinedPercent", statistic="Average", period_minutes=5),
        threshold="declined_percent",
        evaluation_periods=6,
        meaning="The gateway declined {threshold} % of the charges of half an hour, or more.",
    ),
)

RECONCILIATION_ALARMS = (
    AlarmRow(
        id="Unknown/PaymentUnknownTooLong",
        name="payment-unknown-too-long",
        kind="payment-unknown",
        severity=TICKET,
        metric=MetricRow(name="PaymentUnknownTooLong", period_minutes=MAXIMUM_WAIT_MINUTES),
        meaning="The outcome of payments or refunds has been unknown for two hours."
        " The attempts table has them; {function} checks again.",
    ),
    AlarmRow(
        id="Unknown/PaymentMismatch",
        name="payment-mismatch",
        kind="payment-mismatch",
        severity=PAGE,
        metric=MetricRow(name="PaymentMismatch", period_minutes=MAXIMUM_WAIT_MINUTES),
        meaning="The gateway confirmed another amount than requested."
        " The attempts table has it; {function} checks again.",
    ),
)

WEBHOOK_ALARMS = (
    AlarmRow(
        id="Unexpected/PaymentUnexpected",
        name="payment-unexpected",
        kind="payment-unexpected",
        severity=PAGE,
        metric=MetricRow(name="PaymentUnexpected"),
        meaning="The provider captured a payment that was declined or never made here."
        " The log of {function} names the order.",
    ),
    AlarmRow(
        id="Unexpected/RefundUnexpected",
        name="refund-unexpected",
        kind="refund-unexpected",
        severity=PAGE,
        metric=MetricRow(name="RefundUnexpected"),
        meaning="The provider refunded a payment without a request from here."
        " The log of {function} names the order.",
    ),
    AlarmRow(
        id="Unexpected/RefundFailed",
        name="refund-failed",
        kind="refund-unexpected",
        severity=PAGE,
        metric=MetricRow(name="RefundFailed"),
        meaning="A refund failed at the provider: the customer does not have the money."
        " The log of {function} names the order.",
    ),
)
