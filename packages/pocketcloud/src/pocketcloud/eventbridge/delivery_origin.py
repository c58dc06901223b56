"""The origin of a delivery to a target: a rule of EventBridge, or a schedule of EventBridge Scheduler."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVENTS, SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"


@dataclass(frozen=True, slots=True)
class DeliveryOrigin:
    """The resource that a delivery acts for."""

    service: str
    """Principal that the target's policy or role must allow."""
    arn: str
    source_arn: str
    """The ARN that conditions of the target's policy or role see."""
    label: str
    """Name in the journal: `rule/…` or `schedule/…`."""
    metrics: Mapping[str, str]
    """Metric names by what they count: `attempt`, `retry`, `failure`, `dead_lettered`, `lost`."""
    namespace: str
    dimensions: Mapping[str, str]
    dead_letter: Mapping[str, str] = field(default_factory=dict)
    """Attributes of a dead-lettered message that name the origin."""


def rule_origin(arn: str, name: str, bus: str) -> DeliveryOrigin:
    """Return a rule's origin; metrics of the default bus have no EventBusName.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    return DeliveryOrigin(
        service=EVENTS,
        arn=arn,
        source_arn=arn,
        label=f"rule/{name}",
        metrics={
            "attempt": "Invocations",
            "retry": "RetryInvocationAttempts",
            "failure": "FailedInvocations",
            "dead_lettered": "InvocationsSentToDlq",
            "lost": "InvocationsFailedToBeSentToDlq",
        },
        namespace="AWS/Events",
        dimensions={"RuleName": name, **({} if bus == "default" else {"EventBusName": bus})},
        dead_letter={"RULE_ARN": arn},
    )


def schedule_origin(arn: str, name: str, group: str, attributes: Mapping[str, str]) -> DeliveryOrigin:
    """Return a schedule's origin; its metrics are those of its group, which is also the source in policies.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    return DeliveryOrigin(
        service=SCHEDULER,
        arn=arn,
        source_arn=f"{arn.partition(':schedule/')[0]}:schedule-group/{group}",
        label=f"schedule/{name}",
        metrics={
            "attempt": "InvocationAttemptCount",
            "failure": "InvocationDroppedCount",
            "dead_lettered": "InvocationsSentToDeadLetterCount",
            "lost": "InvocationsFailedToBeSentToDeadLetterCount",
        },
        namespace="AWS/Scheduler",
        dimensions={"ScheduleGroup": group},
        dead_letter={"SCHEDULE_ARN": arn, **attributes},
    )
