"""The alarms of every application: one table for each kind of resource. No CDK."""

from infrastructure.observability.alarm_row import AlarmRow, MetricRow, Severity

PAGE, TICKET = Severity.PAGE, Severity.TICKET
MS_PER_SECOND = 1000

FUNCTION_ALARMS = (
    AlarmRow(
        id="Errors",
        name="errors",
        kind="errors",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/Lambda", name="Errors"),
        threshold="function_errors",
        evaluation_periods="evaluation_periods",
        meaning="{name} raises, times out or runs out of memory: its log group has the reason.",
    ),
    AlarmRow(
        id="Throttles",
        name="throttles",
        kind="throttles",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/Lambda", name="Throttles"),
        threshold="function_throttles",
        evaluation_periods="evaluation_periods",
        meaning="Lambda throttles {name}.",
    ),
)

STREAM_ALARMS = (
    AlarmRow(
        id="IteratorAge",
        name="iterator-age",
        kind="iterator-age",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/Lambda", name="IteratorAge", statistic="Maximum"),
        threshold="iterator_age_seconds",
        unit=MS_PER_SECOND,
        evaluation_periods="evaluation_periods",
        is_essential=True,
        meaning="Records of a stream wait for {name}: it fails or is too slow.",
    ),
)

ORDERED_STREAM_ALARMS = (
    AlarmRow(
        id="WritesThrottled",
        name="writes-throttled",
        kind="throttles",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/Kinesis", name="WriteProvisionedThroughputExceeded"),
        threshold="function_throttles",
        evaluation_periods="evaluation_periods",
        meaning="A shard of {name} takes no more: events wait in order. Add shards, or use on-demand mode.",
    ),
)

QUEUE_ALARMS = (
    AlarmRow(
        id="MessageAge",
        name="message-age",
        kind="message-age",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/SQS", name="ApproximateAgeOfOldestMessage", statistic="Maximum"),
        threshold="message_age_seconds",
        evaluation_periods="evaluation_periods",
        meaning="A message waits too long in {name}: its consumer fails or is too slow.",
    ),
)

DEAD_LETTER_ALARMS = (
    AlarmRow(
        id="NotEmpty",
        name="not-empty",
        kind="dead-letters",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/SQS", name="ApproximateNumberOfMessagesVisible", statistic="Maximum"),
        threshold="dead_letters",
        is_essential=True,
        meaning="{name} has messages: find out why, then redrive them.",
    ),
)

RULE_ALARMS = (
    AlarmRow(
        id="NotDelivered",
        name="not-delivered",
        kind="not-delivered",
        severity=PAGE,
        metric=MetricRow(namespace="AWS/Events", name="InvocationsFailedToBeSentToDlq"),
        meaning="{name} could neither deliver an event nor send it to the dead-letter queue.",
    ),
)

API_DESTINATION_ALARMS = (
    AlarmRow(
        id="Retries",
        name="retries",
        kind="retries",
        severity=TICKET,
        metric=MetricRow(namespace="AWS/Events", name="RetryInvocationAttempts", period_minutes=15),
        evaluation_periods=2,  # a single event is retried that rarely after a while
        meaning="{name} has been retrying for half an hour: events wait, and are dead-lettered after a day.",
    ),
)

SCHEDULE_ALARMS = (
    AlarmRow(
        id="NotDelivered",
        name="not-delivered",
        kind="not-delivered",
        severity=PAGE,
        metric=MetricRow(namespace="AWS/Events", name="FailedInvocations"),
        meaning="The schedule cannot start {name}.",
    ),
)

TOPIC_ALARMS = (
    AlarmRow(
        id="NotFannedOut",
        name="not-fanned-out",
        kind="not-delivered",
        severity=PAGE,
        metric=MetricRow(namespace="AWS/SNS", name="NumberOfNotificationsFailedToRedriveToDlq"),
        meaning="The topic {name} could reach neither a subscriber nor its dead-letter queue.",
    ),
)

NOT_DEAD_LETTERED = AlarmRow(
    id="NotDeadLettered",
    name="not-dead-lettered",
    kind="not-dead-lettered",
    severity=PAGE,
    metric=MetricRow(name="NotDeadLettered"),
    meaning="{name} fails to handle a message and fails to dead-letter it; SQS or Lambda retries.",
)

CONSUMER_ALARMS = (
    AlarmRow(
        id="Forged",
        name="forged",
        kind="forged",
        severity=PAGE,
        metric=MetricRow(name="Forged"),
        meaning="A sender claims to be another: find out who can reach the bus before you redrive.",
    ),
    NOT_DEAD_LETTERED,
    AlarmRow(
        id="EventLag",
        name="event-lag",
        kind="event-lag",
        severity=TICKET,
        metric=MetricRow(name="EventAge", statistic="p90"),
        threshold="event_age_seconds",
        unit=MS_PER_SECOND,
        meaning="One fact in ten reaches {service} {threshold} seconds after its publication, or later.",
    ),
    AlarmRow(
        id="Retries",
        name="retries",
        kind="retries",
        severity=TICKET,
        metric=MetricRow(name="Retried"),
        threshold="retries",
        evaluation_periods="evaluation_periods",
        meaning="Reactions of {service} fail one by one; Lambda does not count them as errors.",
    ),
)

INBOUND_ALARMS = (
    AlarmRow(
        id="InboundNotDeadLettered",
        name="not-dead-lettered",
        kind="not-dead-lettered",
        severity=PAGE,
        metric=MetricRow(name="NotDeadLettered"),
        meaning="{name} cannot dead-letter a record of another broker; the record is sent again.",
    ),
    AlarmRow(
        id="NotAdmitted",
        name="not-admitted",
        kind="retries",
        severity=TICKET,
        metric=MetricRow(name="NotAdmitted"),
        threshold="retries",
        evaluation_periods="evaluation_periods",
        meaning="Events from another broker do not reach the ingress bus; they are sent again.",
    ),
)
"""Alarms of a function that puts another broker's records on the ingress bus."""

VERSION_ERRORS = AlarmRow(
    id="VersionErrors",
    name="canary-errors",
    kind="errors",
    severity=TICKET,
    metric=MetricRow(namespace="AWS/Lambda", name="Errors"),
    threshold="function_errors",
    evaluation_periods="evaluation_periods",
    meaning="The latest version of {name} raises, times out or runs out of memory.",
)
VERSION_DEAD_LETTERS = AlarmRow(
    id="VersionDeadLetters",
    name="canary-dead-letters",
    kind="dead-letters",
    severity=TICKET,
    metric=MetricRow(name="VersionDeadLettered"),
    threshold="dead_letters",
    meaning="The latest version of {name} has just dead-lettered messages.",
)
VERSION_RETRIES = AlarmRow(
    id="VersionRetries",
    name="canary-retries",
    kind="retries",
    severity=TICKET,
    metric=MetricRow(name="VersionRetried"),
    threshold="retries",
    evaluation_periods="evaluation_periods",
    meaning="Reactions of the latest version of {name} fail one by one.",
)
VERSION_UNAVAILABLE = AlarmRow(
    id="VersionUnavailable",
    name="canary-unavailable",
    kind="errors",
    severity=TICKET,
    metric=MetricRow(name="VersionUnavailable"),
    threshold="function_errors",
    evaluation_periods="evaluation_periods",
    meaning="The latest version of {name} responds 503.",
)
VERSION_BATCHES = AlarmRow(
    id="VersionBatches",
    name="canary-batches",
    kind="iterator-age",
    severity=TICKET,
    metric=MetricRow(name="VersionBatchFailed"),
    threshold=3,
    meaning="The latest version of {name} fails to handle records of its stream.",
)
VERSION_ALARMS = (
    VERSION_ERRORS,
    VERSION_DEAD_LETTERS,
    VERSION_RETRIES,
    VERSION_UNAVAILABLE,
    VERSION_BATCHES,
)
"""Each watches one version, so an alarm of the version in service never stops the deployment of its fix."""

FILLING_ALARMS = (
    # SQS measures a queue that was idle for six hours up to fifteen minutes late, after the canary's end.
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
    AlarmRow(
        id="Filling",
        name="dlq-filling",
        kind="dead-letters",
        severity=TICKET,
        metric=MetricRow(name="DeadLettered"),
        threshold="dead_letters",
        meaning="{name} has just dead-lettered messages: find out why, then redrive them.",
    ),
)

API_ALARMS = (
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    AlarmRow(
        id="Failing",
        name="failing",
        kind="api-failing",
        severity=PAGE,
        metric=MetricRow(namespace="AWS/ApiGateway", name="5xx"),
        threshold="function_errors",
        evaluation_periods="evaluation_periods",
        is_essential=True,
        meaning="Customers get 5xx responses from {name}: from a function, or from API Gateway itself.",
    ),
)

ROUTES_ALARMS = (
    AlarmRow(
        id="Unavailable/Alarm",
        name="unavailable",
        kind="errors",
        severity=TICKET,
        metric=MetricRow(name="Unavailable"),
        threshold="function_errors",
        evaluation_periods="evaluation_periods",
        is_essential=True,
        meaning="{name} responds 503; Lambda does not count that as an error.",
    ),
)
