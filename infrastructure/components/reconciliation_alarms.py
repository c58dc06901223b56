"""What a person has to know of payments whose outcome is unknown."""

from aws_cdk import Duration
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.own_metric import own_metric
from infrastructure.names import kebab
from infrastructure.stage import Stage

LONGER_THAN_ANY_WAIT = Duration.minutes(30)
"""A payment is looked into every fifteen minutes at least: an alarm must not go out between two looks."""


class ReconciliationAlarms(Construct):
    """Rings when a payment stays unknown for too long, and when the gateway speaks of another sum."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, function_name: str) -> None:
        super().__init__(scope, construct_id)
        for metric, kind, description in (
            (
                "PaymentUnknownTooLong",
                AlarmKind.PAYMENT_UNKNOWN,
                "The outcome of payments or refunds is unknown for two hours and more.",
            ),
            (
                "PaymentMismatch",
                AlarmKind.PAYMENT_MISMATCH,
                "The gateway answered for another sum than it was asked for.",
            ),
        ):
            StageAlarm(
                self,
                metric,
                stage=stage,
                alarm_name=stage.names.of("payments", kebab(metric)),
                kind=kind,
                description=f"{description} The attempts table says which; {function_name} looks again.",
                metric=own_metric(
                    stage, metric, service="payments-reconciliation", period=LONGER_THAN_ANY_WAIT
                ),
                threshold=1,
                evaluation_periods=1,
            )


class DeclinedAlarm(Construct):
    """Fires while most charges are declined: a broken integration looks like many bad cards.

    Every period of five minutes must have a charge and be above the share, so that a few bad cards on a
    quiet day do not suffice.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        share = own_metric(
            stage, "DeclinedPercent", service="payments", statistic="Average", period=Duration.minutes(5)
        )
        StageAlarm(
            self,
            "Alarm",
            stage=stage,
            alarm_name=stage.names.of("payments", "declines"),
            kind=AlarmKind.PAYMENT_DECLINES,
            description=f"Of the charges of half an hour, {stage.alarms.declined_percent} % were declined.",
            metric=share,
            threshold=stage.alarms.declined_percent,
            evaluation_periods=6,
        )


class UnexpectedMoneyAlarms(Construct):
    """Rings when the provider tells of money that moved unasked, or that was given back and came back."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, service: str) -> None:
        super().__init__(scope, construct_id)
        for metric, kind, description in (
            (
                "PaymentUnexpected",
                AlarmKind.PAYMENT_UNEXPECTED,
                "The provider captured a payment that was declined or never made here.",
            ),
            (
                "RefundUnexpected",
                AlarmKind.REFUND_UNEXPECTED,
                "The provider refunded a payment that nobody here gave back.",
            ),
            (
                "RefundFailed",
                AlarmKind.REFUND_UNEXPECTED,
                "A refund failed at the provider: the customer does not have the money.",
            ),
        ):
            StageAlarm(
                self,
                metric,
                stage=stage,
                alarm_name=stage.names.of(service, kebab(metric)),
                kind=kind,
                description=f"{description} {stage.names.webhooks_function(service)}'s log names the order.",
                metric=own_metric(stage, metric, service=f"{service}-webhooks"),
                threshold=1,
                evaluation_periods=1,
            )
